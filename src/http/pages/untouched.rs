//! Forms that nobody has filled in yet: each is rendered once, and later only its ids change.

use std::sync::Arc;

use quick_cache::sync::Cache;
use uuid::Uuid;

use crate::{domain::captcha::CaptchaId, errors::Error, i18n::catalog::Language};

/// Forms times languages is far less.
const MOST: usize = 64;

/// What is new at every showing.
#[derive(Debug)]
pub struct Ids {
    /// Of the picture.
    pub captcha: String,
    /// Of what the form does, however often it is sent.
    pub idempotency_key: String,
}

/// Which form it is, to whom.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Form {
    /// Of the file in `templates/`.
    pub template: &'static str,
    /// The reader's.
    pub language: Language,
    /// The field to begin with.
    pub focus: &'static str,
}

/// The forms that were rendered.
#[derive(Debug)]
pub struct Untouched(Cache<Form, Arc<[Piece]>>);

#[derive(Debug)]
enum Piece {
    Text(String),
    Captcha,
    IdempotencyKey,
}

impl Default for Untouched {
    fn default() -> Self {
        Self(Cache::new(MOST))
    }
}

impl Untouched {
    /// The form with these ids; rendered if it is the first of its kind.
    pub fn html(
        &self,
        form: &Form,
        ids: &Ids,
        render: impl FnOnce(&Ids) -> Result<String, Error>,
    ) -> Result<String, Error> {
        let render = || render(ids).map(|html| cut(&html, ids));
        let pieces = self.0.get_or_insert_with(form, render)?;
        Ok(pieces.iter().map(|it| it.text(ids)).collect())
    }
}

impl Ids {
    /// New ones.
    pub fn random() -> Self {
        let captcha = CaptchaId::random().as_str().to_owned();
        Self { captcha, idempotency_key: Uuid::new_v4().to_string() }
    }
}

impl Piece {
    fn text<'a>(&'a self, ids: &'a Ids) -> &'a str {
        match self {
            Self::Text(text) => text,
            Self::Captcha => &ids.captcha,
            Self::IdempotencyKey => &ids.idempotency_key,
        }
    }
}

/// Cuts a page where its ids stand; they are random, so nothing else reads like them.
fn cut(html: &str, ids: &Ids) -> Arc<[Piece]> {
    let mut pieces = Vec::new();
    for (number, around) in html.split(&ids.captcha).enumerate() {
        if number > 0 {
            pieces.push(Piece::Captcha);
        }
        for (number, text) in around.split(&ids.idempotency_key).enumerate() {
            if number > 0 {
                pieces.push(Piece::IdempotencyKey);
            }
            pieces.push(Piece::Text(text.to_owned()));
        }
    }
    pieces.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_rendered_once_and_shown_with_new_ids_each_time() {
        let forms = Untouched::default();
        let form = Form { template: "register.html", language: Language::English, focus: "mobile" };
        let page = |ids: &Ids| format!("<{0}|{1}|{0}>", ids.captcha, ids.idempotency_key);
        let (first, second) = (Ids::random(), Ids::random());

        let shown = forms.html(&form, &first, |ids| Ok(page(ids))).unwrap();
        let again = forms.html(&form, &second, |_| Err(Error::internal("rendered again"))).unwrap();

        assert_eq!(shown, page(&first));
        assert_eq!(again, page(&second));
        assert_ne!(first.captcha, second.captcha);
    }
}
