//! The templates of the pages: ours are compiled in, the operator's stand in front of them.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use fluent_bundle::FluentArgs;
use tera::{Kwargs, State as TemplateState, Tera, TeraResult};

use super::words::{LANGUAGES, Language, Words};
use crate::errors::Error;

const OURS: [(&str, &str); 16] = [
    ("base.html", include_str!("../../templates/base.html")),
    ("register.html", include_str!("../../templates/register.html")),
    ("captcha_field.html", include_str!("../../templates/captcha_field.html")),
    ("code_fields.html", include_str!("../../templates/code_fields.html")),
    ("code_words.html", include_str!("../../templates/code_words.html")),
    ("new_password.html", include_str!("../../templates/new_password.html")),
    ("strength_words.html", include_str!("../../templates/strength_words.html")),
    ("login_by_code.html", include_str!("../../templates/login_by_code.html")),
    ("reset_password.html", include_str!("../../templates/reset_password.html")),
    ("login.html", include_str!("../../templates/login.html")),
    ("account_delete.html", include_str!("../../templates/account_delete.html")),
    ("account_mobile.html", include_str!("../../templates/account_mobile.html")),
    ("account_name.html", include_str!("../../templates/account_name.html")),
    ("account_password.html", include_str!("../../templates/account_password.html")),
    ("account.html", include_str!("../../templates/account.html")),
    ("message.html", include_str!("../../templates/message.html")),
];

/// Parses every template; a fault in one stops the start, and names its file and line.
///
/// A file of the operator's takes the place of ours of the same name; one of another name may be included.
pub fn load(words: &Arc<Words>, own: Option<&Path>) -> Result<Tera, Error> {
    let mut tera = Tera::new();
    let dictionary = Arc::clone(words);
    tera.register_function("t", move |kwargs: Kwargs, state: &TemplateState<'_>| {
        translate(&dictionary, &kwargs, state)
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
fn translate(words: &Words, kwargs: &Kwargs, state: &TemplateState<'_>) -> TeraResult<String> {
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
    Ok(words.say(language.unwrap_or(Language::Chinese), key, &args))
}
