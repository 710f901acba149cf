//! Reads the forms of a rendered page as a browser would send them.

use std::collections::BTreeSet;

use html5gum::{SpanBound, StartTag, Token, Tokenizer};
use url::Url;

use super::form_template::Field;

/// A field or form that a page lacks.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// A sentence for the operator.
    pub(super) sentence: String,
    /// The markup that our own templates have for a missing field.
    pub(super) markup: String,
}

/// A `<form>`.
#[derive(Default)]
struct RenderedForm {
    id: String,
    path: Option<String>,
    /// Each field twice: by its name alone, and with its value.
    fields: BTreeSet<OwnedField>,
}

/// Finds what is missing for a form that is posted to this path with these fields; `None` if nothing is.
pub(super) fn find_fault(html: &str, path: &str, fields: &[Field]) -> Option<Fault> {
    let forms = forms(html, path);
    let posted = forms.iter().filter(|form| form.path.as_deref() == Some(path));
    let missing = |form: &RenderedForm| {
        let owned = |(name, value): &Field| ((*name).to_owned(), value.map(str::to_owned));
        fields
            .iter()
            .filter(|field| !form.fields.contains(&owned(field)))
            .copied()
            .collect::<Vec<_>>()
    };
    let Some(missing) = posted.map(missing).min_by_key(Vec::len) else {
        return Some(Fault {
            sentence: format!("there is no form that is posted to {path}"),
            markup: format!("action=\"{path}\""),
        });
    };
    let (name, value) = missing.first()?;
    let with_value = value.map(|value| format!(" with the value `{value}`")).unwrap_or_default();
    let markup = value.map(|value| format!(" value=\"{value}\"")).unwrap_or_default();
    Some(Fault {
        sentence: format!(
            "the form that is posted to {path} lacks a field named `{name}`{with_value}"
        ),
        markup: format!("name=\"{name}\"{markup}"),
    })
}

/// Reads the forms of the page at this path.
fn forms(html: &str, path: &str) -> Vec<RenderedForm> {
    let mut reader = Reader { path, forms: Vec::new(), is_open: false, elsewhere: Vec::new() };
    for Ok(token) in Tokenizer::new(html) {
        if let Token::StartTag(tag) = &token {
            reader.start(tag);
        }
        if let Token::EndTag(tag) = &token {
            reader.is_open &= tag.name.as_slice() != b"form";
        }
    }
    let Reader { mut forms, elsewhere, .. } = reader;
    for (id, fields) in elsewhere {
        let named = forms.iter_mut().filter(|form| form.id == id);
        named.for_each(|form| form.fields.extend(fields.clone()));
    }
    forms
}

struct Reader<'a> {
    path: &'a str,
    forms: Vec<RenderedForm>,
    /// Whether the last form is not closed yet.
    is_open: bool,
    /// Fields that name their form by its id.
    elsewhere: Vec<(String, [OwnedField; 2])>,
}

type OwnedField = (String, Option<String>);

impl Reader<'_> {
    fn start<S: SpanBound>(&mut self, tag: &StartTag<S>) {
        let attribute = |name: &str| {
            let value = tag.attributes.get(name.as_bytes())?;
            Some(String::from_utf8_lossy(&value.value).into_owned())
        };
        match tag.name.as_slice() {
            // Browsers ignore a form inside a form.
            b"form" if !self.is_open => {
                let is_post =
                    attribute("method").is_some_and(|method| method.eq_ignore_ascii_case("post"));
                let action = attribute("action").unwrap_or_default();
                self.forms.push(RenderedForm {
                    id: attribute("id").unwrap_or_default(),
                    path: target(self.path, &action).filter(|_| is_post),
                    fields: BTreeSet::new(),
                });
                self.is_open = true;
            }
            b"input" | b"button" | b"select" | b"textarea" => {
                if let Some(name) = attribute("name") {
                    let fields = [(name.clone(), None), (name, attribute("value"))];
                    self.add(fields, attribute("form"));
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, fields: [OwnedField; 2], form: Option<String>) {
        match (form, self.forms.last_mut()) {
            (Some(id), _) => self.elsewhere.push((id, fields)),
            (None, Some(form)) if self.is_open => form.fields.extend(fields),
            (None, _) => {}
        }
    }
}

/// Returns the path that an `action` on the page of this path leads to.
fn target(page: &str, action: &str) -> Option<String> {
    let base = Url::parse("https://haoma.invalid").ok()?.join(page).ok()?;
    base.join(action.trim()).ok().map(|url| url.path().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEEDED: [Field; 2] = [("mobile", None), ("step", Some("send"))];

    fn sentence(html: &str) -> Option<String> {
        find_fault(html, "/register", &NEEDED).map(|fault| fault.sentence)
    }

    #[test]
    fn a_form_is_found_however_it_is_written() {
        for html in [
            r#"<form method="post" action="/register"><input name="mobile"><button name="step" value="send">"#,
            "<FORM METHOD=POST ACTION=/register><INPUT NAME=mobile><select name=step value=send></FORM>",
            "<form method='post'><textarea name='mobile'></textarea><input name='step' value='send'></form>",
            "<form method=post action='?x' id=f></form><input name=mobile form=f><button form=f name=step value=send>",
            "<form action=/logout method=post></form><form method=post action='https://id.example/register'>\
             <input name=mobile><button name=step value=send></button></form>",
        ] {
            assert_eq!(sentence(html), None, "{html}");
        }
    }

    #[test]
    fn fields_that_no_browser_would_send_are_missing() {
        let none = Some("there is no form that is posted to /register".to_owned());
        for html in [
            "<p>mobile</p>",
            "<form action=/register><input name=mobile></form>",
            "<form method=post action=/login><input name=mobile></form>",
            "<!-- <form method=post action=/register></form> -->",
        ] {
            assert_eq!(sentence(html), none, "{html}");
        }
        let form = "<form method=post action=/register>";
        for (inside, lacked) in [
            ("</form><input name=mobile><button name=step value=send>", "`mobile`"),
            ("<!-- <input name=mobile> --><button name=step value=send>", "`mobile`"),
            ("<input id=mobile><button name=step value=send>", "`mobile`"),
            ("<input name=mobile><button name=step value=next>", "`step` with the value `send`"),
        ] {
            let sentence = sentence(&format!("{form}{inside}")).unwrap_or_default();
            assert!(sentence.ends_with(lacked), "{inside}: {sentence:?}");
        }
    }
}
