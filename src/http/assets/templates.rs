//! The templates of the pages: ours are compiled in, the operator's stand in front of them.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use fluent_bundle::FluentArgs;
use tera::{Kwargs, State as TemplateState, Tera, TeraResult};

use crate::{
    errors::Error,
    i18n::{
        catalog::Catalog,
        language::{LANGUAGES, Language},
    },
};

const OURS: [(&str, &str); 16] = [
    ("base.html", include_str!("../../../templates/base.html")),
    ("register.html", include_str!("../../../templates/register.html")),
    ("captcha_field.html", include_str!("../../../templates/captcha_field.html")),
    ("code_fields.html", include_str!("../../../templates/code_fields.html")),
    ("code_words.html", include_str!("../../../templates/code_words.html")),
    ("new_password.html", include_str!("../../../templates/new_password.html")),
    ("strength_words.html", include_str!("../../../templates/strength_words.html")),
    ("login_by_code.html", include_str!("../../../templates/login_by_code.html")),
    ("reset_password.html", include_str!("../../../templates/reset_password.html")),
    ("login.html", include_str!("../../../templates/login.html")),
    ("account_delete.html", include_str!("../../../templates/account_delete.html")),
    ("account_mobile.html", include_str!("../../../templates/account_mobile.html")),
    ("account_name.html", include_str!("../../../templates/account_name.html")),
    ("account_password.html", include_str!("../../../templates/account_password.html")),
    ("account.html", include_str!("../../../templates/account.html")),
    ("message.html", include_str!("../../../templates/message.html")),
];

/// What becomes of a sentence that a template asks for and that does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownWord {
    /// The page shows its key, and the log says so.
    Shown,
    /// The page is not rendered.
    Refused,
}

/// Parses every template; a fault in one stops the start, and names its file and line.
///
/// A file of the operator's takes the place of ours of the same name; one of another name may be included.
pub fn load(words: &Arc<Catalog>, own: Option<&Path>, unknown: UnknownWord) -> Result<Tera, Error> {
    let mut tera = Tera::new();
    let dictionary = Arc::clone(words);
    tera.register_function("t", move |kwargs: Kwargs, state: &TemplateState<'_>| {
        translate(&dictionary, &kwargs, state, unknown)
    });
    let ours = OURS.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let mut texts: BTreeMap<_, _> = ours.collect();
    if let Some(own) = own {
        texts.extend(read(own)?);
    }
    tera.add_raw_templates(texts).map_err(Error::internal)?;
    Ok(tera)
}

/// The names and texts of a folder's templates.
fn read(folder: &Path) -> Result<Vec<(String, String)>, Error> {
    let fault = |path: &Path, error| Error::internal(format!("{}: {error}", path.display()));
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(|it| fault(folder, it))? {
        let path = entry.map_err(|it| fault(folder, it))?.path();
        let name = path.file_name().and_then(|it| it.to_str()).map(str::to_owned);
        let is_template = path.extension().is_some_and(|it| it == "html");
        let Some(name) = name.filter(|_| is_template) else { continue };
        found.push((name, fs::read_to_string(&path).map_err(|it| fault(&path, it))?));
    }
    Ok(found)
}

/// The templates' `t(key="…", name=value …)`: a sentence in the page's language.
fn translate(
    words: &Catalog,
    kwargs: &Kwargs,
    state: &TemplateState<'_>,
    unknown: UnknownWord,
) -> TeraResult<String> {
    let key: &str = kwargs.must_get("key")?;
    let tag: Option<String> = state.get("lang")?;
    let language = LANGUAGES.into_iter().find(|it| Some(it.tag()) == tag.as_deref());
    let mut args = FluentArgs::new();
    for (name, value) in kwargs.iter() {
        let name = name.to_string();
        match value.as_i128().and_then(|it| i64::try_from(it).ok()) {
            Some(number) => args.set(name, number),
            None => args.set(name, value.to_string()),
        }
    }
    let language = language.unwrap_or(Language::Chinese);
    match unknown {
        UnknownWord::Shown => Ok(words.translate(language, key, &args)),
        UnknownWord::Refused => words.try_translate(language, key, &args).map_err(|error| {
            let known =
                if error.event == "word_missing" { "does not exist" } else { "lacks an argument" };
            tera::Error::message(format!("the sentence `{key}` {known}; see locales/"))
        }),
    }
}

/// Our templates that are parts of pages.
const PARTS: [&str; 3] = ["code_fields.html", "captcha_field.html", "new_password.html"];

/// The place to look at when a page lacks something: the operator's file that should have it, and the line of its
/// form.
///
/// `markup` is what is missing. If one of our parts has it and the operator has replaced that one, it is to blame,
/// else the page itself.
pub(crate) fn place(own: &Path, page: &str, markup: &str) -> String {
    let text = |name: &str| fs::read_to_string(own.join(name)).ok();
    let page_text = text(page);
    let includes = |part: &str| {
        page_text.as_ref().is_none_or(|it| [part, PARTS[0]].iter().any(|part| it.contains(part)))
    };
    let parts = OURS.iter().filter(|(name, ours)| PARTS.contains(name) && ours.contains(markup));
    let mut parts = parts.filter_map(|(name, _)| Some((*name, text(name)?)));
    let (name, text) = parts
        .find(|(name, _)| includes(name))
        .or_else(|| Some((page, page_text.clone()?)))
        .or_else(|| Some(("base.html", text("base.html")?)))
        .unwrap_or((page, String::new()));
    let line = text.lines().position(|it| it.contains("<form")).unwrap_or(0) + 1;
    format!("{name}:{line}")
}
