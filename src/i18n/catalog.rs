//! The sentences of `locales/*.ftl`, in every language.

use std::fmt;

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

use super::language::{LANGUAGES, Language};
use crate::errors::Error;

/// All sentences of all languages.
pub struct Catalog {
    bundles: Vec<(Language, FluentBundle<FluentResource>)>,
}

impl Catalog {
    /// Parses the catalogs that are compiled in. An error in one of them stops the start.
    pub fn load() -> Result<Self, Error> {
        let bundles =
            LANGUAGES.map(|language| Ok((language, bundle(language, language.sentences())?)));
        Ok(Self { bundles: bundles.into_iter().collect::<Result<_, Error>>()? })
    }

    /// Returns a sentence. A key that does not exist is logged and returned itself; a test makes sure that all keys
    /// in the source exist.
    pub fn translate(&self, language: Language, key: &str, args: &FluentArgs<'_>) -> String {
        self.try_translate(language, key, args).unwrap_or_else(|error| {
            log::error!("event={} key={key:?} language={}", error.event, language.tag());
            error.fallback
        })
    }

    /// Returns a sentence, or why it cannot be formatted with these arguments.
    pub fn try_translate(
        &self,
        language: Language,
        key: &str,
        args: &FluentArgs<'_>,
    ) -> Result<String, TranslationError> {
        let missing = || TranslationError { event: "word_missing", fallback: key.to_owned() };
        let found = self.bundles.iter().find(|(other, _)| *other == language);
        let (_, bundle) = found.ok_or_else(missing)?;
        let message = bundle.get_message(key);
        let pattern = message.and_then(|message| message.value()).ok_or_else(missing)?;
        let mut errors = Vec::new();
        let sentence = bundle.format_pattern(pattern, Some(args), &mut errors).into_owned();
        if errors.is_empty() {
            Ok(sentence)
        } else {
            Err(TranslationError { event: "word_broken", fallback: sentence })
        }
    }
}

/// Why a sentence could not be formatted.
#[derive(Debug)]
pub struct TranslationError {
    /// The name of the event in the log: `word_missing` if the catalog lacks the key, `word_broken` if an argument is
    /// missing.
    pub event: &'static str,
    /// The text to show in place of the sentence.
    pub fallback: String,
}

impl fmt::Debug for Catalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Catalog")
    }
}

fn bundle(language: Language, text: &str) -> Result<FluentBundle<FluentResource>, Error> {
    let tag: LanguageIdentifier = language.tag().parse().map_err(Error::internal)?;
    let invalid =
        |errors: &dyn fmt::Debug| Error::internal(format!("locales/{tag}.ftl: {errors:?}"));
    let resource =
        FluentResource::try_new(text.to_owned()).map_err(|(_, errors)| invalid(&errors))?;
    let mut bundle = FluentBundle::new_concurrent(vec![tag.clone()]);
    // Fluent puts invisible marks around arguments, for right-to-left texts. No text here needs them, and people would
    // copy them along.
    bundle.set_use_isolating(false);
    bundle.add_resource(resource).map_err(|errors| invalid(&errors))?;
    Ok(bundle)
}
