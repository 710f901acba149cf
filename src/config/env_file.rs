//! Parses files of environment variables. It accepts only lines that systemd, container engines and shells read alike.
//!
//! A line that they read differently (a comment behind a value, `$`, a backslash, a blank without quotation marks) is
//! refused, because systemd starts the service with the same file that the commands read here.

use std::collections::BTreeMap;

/// A line that sets a variable, or tries to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Assignment {
    /// The number of the line, counted from 1.
    pub(super) line: usize,
    /// The name of the variable, if it can be read.
    pub(super) name: Option<String>,
    /// The value, or a message that says what is wrong with the line, without the value.
    pub(super) value: Result<String, String>,
}

/// Parses every line except blank ones and comments.
pub(super) fn parse(bytes: &[u8]) -> Vec<Assignment> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut first_lines = BTreeMap::new();
    let mut assignments = Vec::new();
    for (index, bytes) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let line = index + 1;
        let Ok(text) = str::from_utf8(bytes) else {
            let reason = "is not UTF-8: save the file in this encoding".to_owned();
            assignments.push(Assignment { line, name: None, value: Err(reason) });
            continue;
        };
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let (name, mut value) = assignment(text);
        if let Some(name) = &name {
            let first = *first_lines.entry(name.clone()).or_insert(line);
            if first != line {
                value = Err(format!("sets {name} again, after line {first}: leave one of them"));
            }
        }
        assignments.push(Assignment { line, name, value });
    }
    assignments
}

fn assignment(text: &str) -> (Option<String>, Result<String, String>) {
    let refused = |reason: &str| (None, Err(reason.to_owned()));
    if text.strip_prefix("export").is_some_and(|rest| rest.starts_with([' ', '\t'])) {
        return refused("begins with `export`, and systemd passes over such lines: take it away");
    }
    let Some((name, value)) = text.split_once('=') else {
        return refused("is neither NAME=value nor a comment that begins with #");
    };
    let name = name.trim_end();
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    if name.is_empty()
        || !name.chars().all(is_part)
        || name.starts_with(|letter: char| letter.is_numeric())
    {
        return refused("does not begin with the name of a variable and `=`");
    }
    (Some(name.to_owned()), self::value(name, value))
}

fn value(name: &str, behind: &str) -> Result<String, String> {
    let text = behind.trim_start();
    let comment = || {
        format!(
            "has a comment behind the value of {name}, which systemd takes for a part of it: give the \
             comment a line of its own"
        )
    };
    if text.starts_with('#') && text.len() < behind.len() {
        return Err(comment());
    }
    let (value, rest) = match text.chars().next() {
        Some('\'') => single_quoted(name, text)?,
        Some('"') => double_quoted(name, text)?,
        _ => unquoted(name, text)?,
    };
    match rest.trim_start() {
        "" => Ok(value),
        rest if rest.starts_with('#') => Err(comment()),
        _ if text.starts_with(['\'', '"']) => {
            Err(format!("has something behind the quotation marks of {name}: take it away"))
        }
        _ => Err(format!("sets {name} to a value with a blank in it: write {name}='…'")),
    }
}

/// Returns the value up to a blank, and the rest of the line.
fn unquoted<'a>(name: &str, text: &'a str) -> Result<(String, &'a str), String> {
    let (value, rest) = text.find([' ', '\t']).map_or((text, ""), |at| text.split_at(at));
    let what = match value.chars().find(|letter| "$\\'\"`".contains(*letter) || letter.is_control())
    {
        None => return Ok((value.to_owned(), rest)),
        Some('$') => "`$`, and nothing is substituted here",
        Some('\\') => "a backslash",
        Some('\'') => {
            return Err(format!("sets {name} to a value with ' in it: write {name}=\"…\""));
        }
        Some('"' | '`') => "a quotation mark",
        Some(_) => "a control character",
    };
    Err(format!("sets {name} to a value with {what}: write {name}='…'"))
}

fn single_quoted<'a>(name: &str, text: &'a str) -> Result<(String, &'a str), String> {
    let inside = text.strip_prefix('\'').unwrap_or(text);
    let (value, rest) = inside.split_once('\'').ok_or_else(|| not_closed(name))?;
    Ok((value.to_owned(), rest))
}

fn double_quoted<'a>(name: &str, text: &'a str) -> Result<(String, &'a str), String> {
    let mut value = String::new();
    let mut letters = text.strip_prefix('"').unwrap_or(text).chars();
    loop {
        match letters.next() {
            None => return Err(not_closed(name)),
            Some('"') => return Ok((value, letters.as_str())),
            Some('\\') => {
                let escaped = letters.next().filter(|letter| "\\\"$`".contains(*letter));
                let advice = "write two of them, or use single quotation marks";
                let reason = || format!("has a single backslash in the value of {name}: {advice}");
                value.push(escaped.ok_or_else(reason)?);
            }
            Some('$' | '`') => {
                return Err(format!(
                    "sets {name} to a value with `$` or a backtick in double quotation marks, and nothing is \
                     substituted here: write {name}='…'"
                ));
            }
            Some(letter) => value.push(letter),
        }
    }
}

fn not_closed(name: &str) -> String {
    format!("opens a quotation mark in the value of {name} and does not close it on the same line")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<(String, String)> {
        let lines = parse(text.as_bytes()).into_iter();
        lines.map(|line| (line.name.unwrap(), line.value.unwrap())).collect()
    }

    /// Returns the number of the only line that is refused, and the reason.
    fn refused(bytes: &[u8]) -> (usize, String) {
        let refused: Vec<_> = parse(bytes).into_iter().filter(|line| line.value.is_err()).collect();
        let [refused] = &refused[..] else { panic!("{refused:?}") };
        (refused.line, refused.value.clone().unwrap_err())
    }

    #[test]
    fn lines_that_every_reader_reads_alike_are_accepted() {
        let text = "\u{feff}# a comment\r\n\n  \t\nA=1\r\nB=#07c160\nC='Foo $Bar \\ \"x\"'\n\
            D=\"it's \\$5 \\\\ \\\"\"\nE = a#b%40;&?=x==  \n_F1=\n g=号码";
        let read = values(text);

        let expected = [
            ("A", "1"),
            ("B", "#07c160"),
            ("C", "Foo $Bar \\ \"x\""),
            ("D", "it's $5 \\ \""),
            ("E", "a#b%40;&?=x=="),
            ("_F1", ""),
            ("g", "号码"),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(read, expected);
    }

    #[test]
    fn an_ambiguous_line_is_refused_with_its_number_and_without_its_value() {
        for (line, reason) in [
            ("SMS_PROVIDERS=hush, aliyun", "blank"),
            ("BRAND_NAME=hush Bar", "BRAND_NAME='…'"),
            ("REDIS_URL=redis://hush/0    # Redis 6.2", "comment"),
            ("REDIS_URL='redis://hush/0' # Redis 6.2", "comment"),
            ("A= #hush", "comment"),
            ("A='hush'hush", "behind the quotation marks"),
            ("A='hush", "does not close"),
            ("A=\"hush", "does not close"),
            ("A=\"hush\\\"", "does not close"),
            ("A=hush$HOME", "nothing is substituted"),
            ("A=hush$", "nothing is substituted"),
            ("A=\"hush ${HOME}\"", "nothing is substituted"),
            ("A=\"`hush`\"", "nothing is substituted"),
            ("A=hush\\n", "backslash"),
            ("A=\"hush\\n\"", "single backslash"),
            ("A=hu's'h", "A=\"…\""),
            ("A=hu\"s\"h", "quotation mark"),
            ("A=hush\u{1b}[2K", "control character"),
            ("export A=hush", "export"),
            ("hush", "neither"),
            ("=hush", "name of a variable"),
            ("hush-hush=1", "name of a variable"),
            ("1A=hush", "name of a variable"),
            ("A hush=1", "name of a variable"),
        ] {
            let (number, reported) = refused(format!("# first\nX=1\n{line}\nY=2").as_bytes());
            assert_eq!(number, 3, "{line}");
            assert!(reported.contains(reason) && !reported.contains("hush"), "{line}: {reported}");
        }
    }

    #[test]
    fn a_variable_is_set_once() {
        let (line, reason) = refused(b"A=1\nB=2\nA=3");
        assert_eq!((line, reason.as_str()), (3, "sets A again, after line 1: leave one of them"));
    }

    #[test]
    fn other_encodings_are_reported_by_line() {
        assert_eq!(refused(b"A=1\nB=\xe9\n"), (2, refused(b"\xff").1));
        // Windows saves this encoding under the name "Unicode".
        let utf_16: Vec<u8> = "\u{feff}A=1\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(parse(&utf_16).iter().any(|line| line.value.is_err()));
    }
}
