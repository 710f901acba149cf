//! Invisible characters.

/// Returns whether a character is a control or a format character of Unicode. With these a text can be made to look
/// like another one.
pub fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{600}'..='\u{605}'
                | '\u{61c}'
                | '\u{6dd}'
                | '\u{70f}'
                | '\u{890}'..='\u{891}'
                | '\u{8e2}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{110bd}'
                | '\u{110cd}'
                | '\u{13430}'..='\u{1343f}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_format_characters_are_invisible_and_letters_are_not() {
        for character in "\0\n\u{7f}\u{ad}\u{200b}\u{202e}\u{2066}\u{feff}\u{e0041}".chars() {
            assert!(is_invisible(character), "{character:?}");
        }
        for character in "a1 ·é微🦊".chars() {
            assert!(!is_invisible(character), "{character:?}");
        }
    }
}
