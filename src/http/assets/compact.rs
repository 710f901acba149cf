//! Makes style sheets and scripts smaller.

/// Leaves out indentation and the comments that begin with `//`: a quarter of what would be sent.
pub(super) fn compact_script(source: &str) -> String {
    let lines = source.lines().map(str::trim_start).filter(|line| !line.starts_with("//"));
    let lines = lines.map(|line| line.split_once(" // ").map_or(line, |(code, _)| code));
    lines.filter(|line| !line.is_empty()).flat_map(|line| [line, "\n"]).collect()
}

/// Leaves out the blanks beside punctuation and the ends of lines behind it: a twentieth of a compressed script.
pub(super) fn squeeze_script(script: &str) -> String {
    let lines = script.lines().map(squeeze_line);
    lines.fold(String::new(), |mut squeezed, line| {
        squeezed.push_str(&line);
        if !line.ends_with([';', '{', ',', '(']) {
            squeezed.push('\n');
        }
        squeezed
    })
}

/// Leaves out the blanks beside punctuation, but not within a literal. Ours end on the line where they begin.
fn squeeze_line(line: &str) -> String {
    let mut squeezed = String::new();
    let mut rest = line;
    while let Some(letter) = rest.chars().next() {
        let length = if begins_literal(&squeezed, letter) {
            literal_length(rest)
        } else {
            letter.len_utf8()
        };
        let (piece, after) = rest.split_at(length);
        if letter != ' ' || is_needed(&squeezed, after) {
            squeezed.push_str(piece);
        }
        rest = after;
    }
    squeezed
}

/// Returns whether a quote or a slash begins a string, a template or a regular expression. A slash behind a value divides.
fn begins_literal(before: &str, letter: char) -> bool {
    let before = before.trim_end();
    let is_regex = before.is_empty()
        || before.ends_with("return")
        || before.ends_with(['(', '=', ',', '!', '&', '|', '?', ':', '{', '}', ';', '[', '>']);
    matches!(letter, '"' | '\'' | '`') || letter == '/' && is_regex
}

/// Returns the length of a literal in bytes.
fn literal_length(text: &str) -> usize {
    let mut letters = text.char_indices();
    let end = letters.next().map(|(_, letter)| letter);
    let mut is_in_class = false;
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => drop(letters.next()),
            '[' => is_in_class = end == Some('/'),
            ']' => is_in_class = false,
            _ if Some(letter) == end && !is_in_class => return at + letter.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

/// Returns whether a blank separates two words, or two signs that would be another one together.
fn is_needed(before: &str, after: &str) -> bool {
    let (Some(last), Some(next)) = (before.chars().next_back(), after.chars().next()) else {
        return false;
    };
    let is_word = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '$');
    is_word(last) && is_word(next) || "+-".contains(last) && "+-".contains(next)
}

/// Leaves out comments, line breaks and the blanks beside punctuation: a seventh of what would be sent.
pub(super) fn compact_style(source: &str) -> String {
    let parts = source.split("/*");
    let code = parts.map(|part| part.split_once("*/").map_or(part, |(_, code)| code));
    let code: String = code.collect();
    let style: String = code.lines().map(str::trim).collect();
    let blanks =
        [(" {", "{"), ("{ ", "{"), (" }", "}"), (";}", "}"), (": ", ":"), ("; ", ";"), (", ", ",")];
    blanks.into_iter().fold(style, |style, (long, short)| style.replace(long, short))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_blanks_are_left_out() {
        let style = "/* One\n   two. */\n:root {\n  --a: #fff;\n}\na, .b:hover > i { margin: 0 1px; } /* x */\n";
        assert_eq!(compact_style(style), ":root{--a:#fff}a,.b:hover > i{margin:0 1px}");
        let script = "// One.\nif (a) {\n  b(); // two\n}\n\n";
        assert_eq!(compact_script(script), "if (a) {\nb();\n}\n");
    }

    #[test]
    fn literals_keep_their_blanks_and_words_theirs() {
        for (script, squeezed) in [
            ("const a = b + 1;\nreturn a;\n", "const a=b+1;return a;"),
            ("a(\"x, y\", `${b} c`, 'd : e')\n", "a(\"x, y\",`${b} c`,'d : e')\n"),
            ("if (/[ /]+ \\/ x/.test(a)) {\nb\n}\n", "if(/[ /]+ \\/ x/.test(a)){b\n}\n"),
            ("a = (b - c) / 2 / d;\n", "a=(b-c)/2/d;"),
            ("a = b + +c - -d;\n", "a=b+ +c- -d;"),
            ("for (const [a, b] of c) return / x/;\n", "for(const[a,b]of c)return/ x/;"),
            ("a = \"\\\" b\" + c;\n", "a=\"\\\" b\"+c;"),
        ] {
            assert_eq!(squeeze_script(script), squeezed, "{script}");
        }
    }
}
