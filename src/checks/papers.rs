//! What each SMS provider wants to see before it sends, as far as its vendor documents it.

use super::Finding;
use crate::config::ProviderConfig;

/// Names the papers and approvals that a provider needs. Nobody but the vendor can say whether they are there.
pub fn check(provider: &ProviderConfig) -> Option<Finding> {
    let (name, papers) = match provider {
        ProviderConfig::Console | ProviderConfig::Webhook { .. } => return None,
        ProviderConfig::Yuntongxun(_) => {
            ("yuntongxun", "a verified account, and a signature and a template that are approved")
        }
        ProviderConfig::Tencent(_) => (
            "tencent",
            "a verified account, and a signature with its proofs and a template that are approved",
        ),
        ProviderConfig::Aliyun(_) => (
            "aliyun",
            "a company's licence, and a signature and a template that are approved; without a licence use aliyun_pnvs",
        ),
        ProviderConfig::AliyunPnvs(_) => (
            "aliyun_pnvs",
            "a person's or a company's verified account; signature and template are lent by Aliyun",
        ),
        ProviderConfig::Huawei(_) => (
            "huawei",
            "the account of a legal person, and a signature and a template that are approved",
        ),
        ProviderConfig::Volcengine(_) => (
            "volcengine",
            "a company's verified account with its proofs, and a signature and a template that are approved",
        ),
        ProviderConfig::Vonage(_) => (
            "vonage",
            "an account that is no trial, and a sender that each country admits; some countries register senders",
        ),
        ProviderConfig::Sns(_) => (
            "sns",
            "an AWS account that has left the SMS sandbox, a spending limit, and a sender that each country admits",
        ),
        ProviderConfig::Twilio(_) => (
            "twilio",
            "an account that is no trial, and a sender that each country admits; some countries register senders",
        ),
    };
    Some(Finding::Note(format!("papers for {name}: {papers}")))
}
