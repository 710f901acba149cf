//! Every message exists in every language and is used.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use fluent_bundle::FluentArgs;
use haoma::i18n::{
    catalog::Catalog,
    language::{LANGUAGES, Language},
};
use test_support::sources::files;

/// Returns the keys of a catalogue, each with the arguments of its message.
fn catalogue(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let text = read(&root().join(format!("locales/{}.ftl", language.tag())));
    let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current = String::new();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        if let Some((key, _)) = line.split_once(" =").filter(|_| !line.starts_with(' ')) {
            assert!(keys.insert(key.to_owned(), BTreeSet::new()).is_none(), "{key} stands twice");
            key.clone_into(&mut current);
        }
        let names =
            line.split('$').skip(1).map(|piece| piece.split(|part: char| !part.is_alphanumeric()));
        let names = names.filter_map(|mut words| words.next().map(str::to_owned));
        keys.get_mut(&current).expect("a line under a key").extend(names);
    }
    keys
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns the quoted texts in the files that use messages: the templates, and the code of the interfaces.
fn quoted() -> BTreeSet<String> {
    let folders = ["templates", "src/http", "src/i18n", "src/errors"];
    let texts =
        folders.iter().flat_map(|folder| files(&root().join(folder))).map(|file| read(&file));
    texts.flat_map(|text| text.split('"').map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// Returns the keys that are used: by `t(key="…")` in templates, and by their prefix in the source.
fn used_keys() -> BTreeSet<String> {
    let templates = files(&root().join("templates")).into_iter().map(|path| read(&path));
    let of_templates = templates.flat_map(|text| {
        let keys = text.split("key=\"").skip(1).filter_map(|part| part.split('"').next());
        keys.map(str::to_owned).collect::<Vec<_>>()
    });
    let prefixes = ["error-", "json-", "problem-", "heading-", "notice-"];
    let is_key = |text: &String| {
        prefixes.iter().any(|prefix| text.starts_with(prefix))
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
    };
    of_templates.chain(quoted().into_iter().filter(is_key)).collect()
}

#[test]
fn every_message_exists_in_every_language_with_the_same_arguments() {
    let chinese = catalogue(Language::Chinese);

    assert!(chinese.len() > 50, "{chinese:?}");
    for language in LANGUAGES {
        let other = catalogue(language);
        for (key, arguments) in &chinese {
            assert_eq!(other.get(key), Some(arguments), "{key} in {}", language.tag());
        }
        for key in other.keys() {
            assert!(chinese.contains_key(key), "{key} of {} in Chinese", language.tag());
        }
    }
}

/// A file that no row of the table names would be translated in vain.
#[test]
fn every_file_of_the_locales_is_a_language() {
    let tags: BTreeSet<_> = LANGUAGES.iter().map(|language| language.tag().to_owned()).collect();
    let files = fs::read_dir(root().join("locales")).expect("a folder");
    let files = files.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_file());
    let names: BTreeSet<_> = files
        .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
        .collect();
    assert_eq!(names, tags);
}

#[test]
fn every_message_of_the_locales_is_used() {
    let quoted_texts = quoted();
    let unused: Vec<_> = catalogue(Language::English)
        .into_keys()
        .filter(|key| !quoted_texts.contains(key))
        .collect();

    assert!(unused.is_empty(), "unused: {unused:?}");
}

#[test]
fn every_message_that_is_used_exists() {
    let known = catalogue(Language::English);
    let missing: Vec<_> = used_keys().into_iter().filter(|key| !known.contains_key(key)).collect();

    assert!(missing.is_empty(), "missing: {missing:?}");
}

#[test]
fn every_message_formats_with_its_arguments() {
    let words = Catalog::load().expect("words");
    for language in LANGUAGES {
        for (key, arguments) in catalogue(language) {
            for number in [0, 1, 2, 7200] {
                let args: FluentArgs<'_> =
                    arguments.iter().map(|argument| (argument.as_str(), number)).collect();
                let sentence = words.translate(language, &key, &args);
                assert!(!sentence.contains('{') && !sentence.is_empty(), "{key}: {sentence}");
                assert_eq!(sentence.trim(), sentence);
            }
        }
    }
}
