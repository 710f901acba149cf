//! A provider for development: it prints messages in the terminal.

use std::io::{IsTerminal as _, Write as _};

use async_trait::async_trait;

use super::{AnswerClass, ClassifiedAnswer, CodeMessage, SmsProvider};
use crate::domain::sms_message::SmsMessage;

/// Prints messages to standard output.
#[derive(Debug, Default)]
pub struct Console;

#[async_trait]
impl SmsProvider for Console {
    fn name(&self) -> &'static str {
        "console"
    }

    async fn send(&self, message: &CodeMessage) -> ClassifiedAnswer {
        let (mobile, code) = (message.sms.mobile.as_str(), message.code.digits());
        let (purpose, minutes) = (message.sms.purpose.as_str(), message.minutes());
        let code = highlighted(code, std::io::stdout().is_terminal());
        let line = format!("\n  SMS to {mobile} ({purpose}): {code}   (valid {minutes} min)\n\n");
        print(&line)
    }

    async fn notify(&self, notice: &SmsMessage, text: &str) -> Option<ClassifiedAnswer> {
        let mobile = notice.mobile.as_str();
        Some(print(&format!("\n  SMS to {mobile} (notice): {text}\n\n")))
    }
}

/// Highlights the code in a terminal.
fn highlighted(code: &str, is_terminal: bool) -> String {
    if is_terminal { format!("\x1b[1;7m {code} \x1b[0m") } else { code.to_owned() }
}

fn print(line: &str) -> ClassifiedAnswer {
    match std::io::stdout().lock().write_all(line.as_bytes()) {
        Ok(()) => ClassifiedAnswer::new(AnswerClass::Sent, ""),
        Err(error) => ClassifiedAnswer::new(AnswerClass::Busy, error.to_string()),
    }
}
