//! The templates of the pages: ours are compiled in, and those of the operator replace them.

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

const EMBEDDED: [(&str, &str); 31] = [
    ("base.html", include_str!("../../../templates/base.html")),
    ("register.html", include_str!("../../../templates/register.html")),
    ("captcha_field.html", include_str!("../../../templates/captcha_field.html")),
    ("country_field.html", include_str!("../../../templates/country_field.html")),
    ("code_fields.html", include_str!("../../../templates/code_fields.html")),
    ("number_step.html", include_str!("../../../templates/number_step.html")),
    ("code_step.html", include_str!("../../../templates/code_step.html")),
    ("code_missed.html", include_str!("../../../templates/code_missed.html")),
    ("remember_field.html", include_str!("../../../templates/remember_field.html")),
    ("terms_field.html", include_str!("../../../templates/terms_field.html")),
    ("signed_in_already.html", include_str!("../../../templates/signed_in_already.html")),
    ("terms_dialog.html", include_str!("../../../templates/terms_dialog.html")),
    ("code_words.html", include_str!("../../../templates/code_words.html")),
    ("price_words.html", include_str!("../../../templates/price_words.html")),
    ("new_password.html", include_str!("../../../templates/new_password.html")),
    ("username_field.html", include_str!("../../../templates/username_field.html")),
    ("owner_field.html", include_str!("../../../templates/owner_field.html")),
    ("terms_line.html", include_str!("../../../templates/terms_line.html")),
    ("strength_words.html", include_str!("../../../templates/strength_words.html")),
    ("login_by_code.html", include_str!("../../../templates/login_by_code.html")),
    ("reset_password.html", include_str!("../../../templates/reset_password.html")),
    ("login.html", include_str!("../../../templates/login.html")),
    ("account_delete.html", include_str!("../../../templates/account_delete.html")),
    ("account_mobile.html", include_str!("../../../templates/account_mobile.html")),
    ("account_name.html", include_str!("../../../templates/account_name.html")),
    ("account_password.html", include_str!("../../../templates/account_password.html")),
    ("account.html", include_str!("../../../templates/account.html")),
    ("oauth_consent.html", include_str!("../../../templates/oauth_consent.html")),
    ("oauth_form_post.html", include_str!("../../../templates/oauth_form_post.html")),
    ("oauth_logout.html", include_str!("../../../templates/oauth_logout.html")),
    ("message.html", include_str!("../../../templates/message.html")),
];

/// Leaves out the indentation, which is a fortieth of a compressed page.
fn compact(template: &str) -> String {
    template.lines().flat_map(|line| [line.trim_start(), "\n"]).collect()
}

/// How a template handles a message that does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingSentence {
    /// The page shows the key, and the log has a line about it.
    ShowKey,
    /// Rendering the page fails.
    Fail,
}

/// Parses every template. An error in one stops the start; it names the file and the line.
///
/// A file in the operator's folder replaces our template of the same name. Files with other names can be included.
pub fn load(
    catalog: &Arc<Catalog>,
    own: Option<&Path>,
    missing: MissingSentence,
) -> Result<Tera, Error> {
    let mut tera = Tera::new();
    let translations = Arc::clone(catalog);
    tera.register_function("t", move |kwargs: Kwargs, state: &TemplateState<'_>| {
        translate(&translations, &kwargs, state, missing)
    });
    let embedded = EMBEDDED.iter().map(|(name, text)| ((*name).to_owned(), compact(text)));
    let mut texts: BTreeMap<_, _> = embedded.collect();
    if let Some(own) = own {
        texts.extend(read_folder(own)?);
    }
    tera.add_raw_templates(texts).map_err(Error::internal)?;
    Ok(tera)
}

/// Returns the names and texts of the templates in a folder.
fn read_folder(folder: &Path) -> Result<Vec<(String, String)>, Error> {
    let io_error = |path: &Path, error| Error::internal(format!("{}: {error}", path.display()));
    let mut templates = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| io_error(folder, error))? {
        let path = entry.map_err(|error| io_error(folder, error))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
        let is_template = path.extension().is_some_and(|extension| extension == "html");
        let Some(name) = name.filter(|_| is_template) else { continue };
        templates.push((name, fs::read_to_string(&path).map_err(|error| io_error(&path, error))?));
    }
    Ok(templates)
}

/// Implements `t(key="…", name=value …)` of the templates: a sentence in the language of the page.
fn translate(
    catalog: &Catalog,
    kwargs: &Kwargs,
    state: &TemplateState<'_>,
    missing: MissingSentence,
) -> TeraResult<String> {
    let key: &str = kwargs.must_get("key")?;
    let tag: Option<String> = state.get("lang")?;
    let language = LANGUAGES.into_iter().find(|language| Some(language.tag()) == tag.as_deref());
    let mut args = FluentArgs::new();
    for (name, value) in kwargs.iter() {
        let name = name.to_string();
        match value.as_i128().and_then(|number| i64::try_from(number).ok()) {
            Some(number) => args.set(name, number),
            None => args.set(name, value.to_string()),
        }
    }
    let language = language.unwrap_or(Language::Chinese);
    match missing {
        MissingSentence::ShowKey => Ok(catalog.translate(language, key, &args)),
        MissingSentence::Fail => catalog.try_translate(language, key, &args).map_err(|error| {
            let reason =
                if error.event == "word_missing" { "does not exist" } else { "lacks an argument" };
            tera::Error::message(format!("the sentence `{key}` {reason}; see locales/"))
        }),
    }
}

/// Our templates that pages include and that have form fields.
const PARTIALS: [&str; 7] = [
    "code_fields.html",
    "number_step.html",
    "code_step.html",
    "captcha_field.html",
    "new_password.html",
    "owner_field.html",
    "terms_field.html",
];

/// Returns where an operator should add markup that a page lacks, as `file:line`: the file of theirs that should contain
/// it, and the line of its form.
///
/// If one of our partials contains the markup and the operator has replaced that partial, it is that file, else the page.
pub(crate) fn location_of_missing(own: &Path, page: &str, markup: &str) -> String {
    let text = |name: &str| fs::read_to_string(own.join(name)).ok();
    let page_text = text(page);
    let includes = |part: &str| {
        page_text
            .as_ref()
            .is_none_or(|text| [part, PARTIALS[0]].iter().any(|part| text.contains(part)))
    };
    let partials = EMBEDDED
        .iter()
        .filter(|(name, embedded)| PARTIALS.contains(name) && embedded.contains(markup));
    let mut replaced = partials.filter_map(|(name, _)| Some((*name, text(name)?)));
    let (name, text) = replaced
        .find(|(name, _)| includes(name))
        .or_else(|| Some((page, page_text.clone()?)))
        .or_else(|| Some(("base.html", text("base.html")?)))
        .unwrap_or((page, String::new()));
    let line = text.lines().position(|line| line.contains("<form")).unwrap_or(0) + 1;
    format!("{name}:{line}")
}
