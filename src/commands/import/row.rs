//! One row of the file, checked by the same rules as a form.

use anyhow::Context as _;
use chrono::{DateTime, NaiveDateTime, Utc};
use csv::ByteRecord;
use url::Url;

use crate::{
    domain::{
        account::{Account, Status},
        mobile::Mobile,
        name::Name,
        password_hash::{ImportedHash, PasswordHash},
        region::Regions,
    },
    errors::{FieldProblem, Problem},
    i18n::{catalog::Catalog, language::Language, problem_messages::field_messages},
    stores::tables::{users, users::NewUser},
};

/// The longest `avatar_url` that fits into its column, in bytes.
const MAX_AVATAR_URL: usize = 255;
/// The longest `external_id` that fits into its column, in characters.
const MAX_EXTERNAL_ID: usize = 128;

/// The index of each column.
#[derive(Debug)]
pub(super) struct Columns {
    count: usize,
    mobile: usize,
    password_hash: usize,
    name: Option<usize>,
    created_at: Option<usize>,
    avatar_url: Option<usize>,
    external_id: Option<usize>,
}

impl Columns {
    /// Reads the header. An unknown column is refused because it is probably misspelt.
    pub(super) fn read(header: &ByteRecord) -> anyhow::Result<Self> {
        const KNOWN: [&str; 6] =
            ["mobile", "name", "password_hash", "created_at", "avatar_url", "external_id"];
        let names: Vec<_> =
            header.iter().map(|name| String::from_utf8_lossy(name.trim_ascii())).collect();
        for (index, name) in names.iter().enumerate() {
            anyhow::ensure!(
                KNOWN.contains(&name.as_ref()),
                "the header has an unknown column `{name}`: known are {}",
                KNOWN.join(", ")
            );
            anyhow::ensure!(
                !names.iter().skip(index + 1).any(|other| other == name),
                "the header has the column `{name}` twice"
            );
        }
        let index_of = |wanted: &str| names.iter().position(|name| name == wanted);
        Ok(Self {
            count: names.len(),
            mobile: index_of("mobile").context("the header lacks the column `mobile`")?,
            password_hash: index_of("password_hash")
                .context("the header lacks the column `password_hash`")?,
            name: index_of("name"),
            created_at: index_of("created_at"),
            avatar_url: index_of("avatar_url"),
            external_id: index_of("external_id"),
        })
    }
}

/// A row without mistakes, which can become an account.
pub(super) struct Row {
    /// The number of the row in the file; the header is row 1.
    pub(super) number: u64,
    mobile: Mobile,
    name: Option<Name>,
    password_hash: ImportedHash,
    created_at: DateTime<Utc>,
    avatar_url: Option<String>,
    external_id: Option<String>,
}

/// Everything that is wrong with a row.
#[derive(Debug, Default)]
pub(super) struct RowErrors {
    problems: Vec<FieldProblem>,
    reasons: Vec<String>,
}

impl RowErrors {
    /// Returns the messages that a page would show. They never contain the value itself.
    pub(super) fn message(&self, catalog: &Catalog) -> String {
        let fields = field_messages(catalog, Language::English, &self.problems);
        let fields = fields.into_iter().map(|(field, message)| format!("{field}: {message}"));
        fields.chain(self.reasons.iter().cloned()).collect::<Vec<_>>().join("; ")
    }

    fn from_reason(reason: String) -> Self {
        Self { problems: Vec::new(), reasons: vec![reason] }
    }

    /// Returns the value of a field that pages have too, or notes its problem.
    fn check_field<T>(&mut self, field: &str, parsed: Result<T, Problem>) -> Option<T> {
        let note = |problem| {
            self.problems.push(FieldProblem { field: field.to_owned(), problem });
        };
        parsed.map_err(note).ok()
    }

    /// Returns the value of a field that only an import has, or notes the reason why it cannot be used.
    fn check<T>(&mut self, checked: Result<T, &str>) -> Option<T> {
        checked.map_err(|reason| self.reasons.push(reason.to_owned())).ok()
    }
}

impl Row {
    /// Reads a row, or returns everything that is wrong with it.
    pub(super) fn read(
        columns: &Columns,
        record: &ByteRecord,
        number: u64,
        regions: &Regions,
        now: DateTime<Utc>,
    ) -> Result<Self, RowErrors> {
        if record.len() != columns.count {
            let (has, wanted) = (record.len(), columns.count);
            return Err(RowErrors::from_reason(format!(
                "has {has} fields, the header has {wanted} (a value with a comma goes in quotes)"
            )));
        }
        if str::from_utf8(record.as_slice()).is_err() {
            return Err(RowErrors::from_reason("is not UTF-8".to_owned()));
        }
        let text = |index| {
            str::from_utf8(record.get(index).unwrap_or_default()).unwrap_or_default().trim()
        };
        let optional = |index: Option<usize>| index.map(text).filter(|value| !value.is_empty());
        let mut errors = RowErrors::default();
        let mobile = errors.check_field("mobile", regions.mobile(text(columns.mobile), None));
        let name = optional(columns.name).map(Name::existing).transpose();
        let name = errors.check_field("name", name);
        let password_hash = errors.check(parse_hash(text(columns.password_hash)));
        let created_at = optional(columns.created_at).map_or(Ok(now), |text| parse_time(text, now));
        let created_at = errors.check(created_at);
        let avatar_url = optional(columns.avatar_url).map(parse_avatar_url).transpose();
        let avatar_url = errors.check(avatar_url);
        let external_id = optional(columns.external_id).map(parse_external_id).transpose();
        let external_id = errors.check(external_id);
        let (
            Some(mobile),
            Some(name),
            Some(password_hash),
            Some(created_at),
            Some(avatar_url),
            Some(external_id),
        ) = (mobile, name, password_hash, created_at, avatar_url, external_id)
        else {
            return Err(errors);
        };
        Ok(Self { number, mobile, name, password_hash, created_at, avatar_url, external_id })
    }

    /// Returns the mobile number.
    pub(super) fn mobile(&self) -> &Mobile {
        &self.mobile
    }

    /// Tells whether the hash is too weak to be stored as it is, so that [`Self::wrap_weak_hash`] has work to do.
    pub(super) fn is_weak(&self) -> bool {
        matches!(self.password_hash, ImportedHash::Weak(_))
    }

    /// Hashes a weak hash once more, which takes as long as hashing a password.
    pub(super) fn wrap_weak_hash(&mut self, iterations: u32) {
        if let ImportedHash::Weak(weak) = &self.password_hash {
            let wrapped = PasswordHash::wrap(weak, iterations);
            self.password_hash = ImportedHash::Strong(wrapped.to_stored());
        }
    }

    /// Tells whether the file has a name for this user.
    pub(super) fn has_name(&self) -> bool {
        self.name.is_some()
    }

    /// Returns the new account. Without a name in the file, each call draws another random one.
    pub(super) fn to_user(&self) -> NewUser {
        NewUser {
            account: Account {
                id: users::random_id(),
                mobile: self.mobile.clone(),
                name: self.name.clone().unwrap_or_else(Name::random),
                avatar_url: self.avatar_url.clone(),
                status: Status::Active,
                created_at: self.created_at,
            },
            password_hash: match &self.password_hash {
                ImportedHash::Strong(stored) => Some(stored.clone()),
                ImportedHash::NoPassword | ImportedHash::Weak(_) => None,
            },
            terms: None,
            external_id: self.external_id.clone(),
        }
    }
}

/// Parses a hash of one of the formats in docs/import.md.
fn parse_hash(text: &str) -> Result<ImportedHash, &'static str> {
    let starts_with = |prefixes: &[&str]| prefixes.iter().any(|prefix| text.starts_with(prefix));
    ImportedHash::parse(text).ok_or(if starts_with(&["$2", "pbkdf2", "$pbkdf2", "bcrypt$"]) {
        "password_hash: is damaged, of another digest than SHA-256, or costs more than a sign-in may"
    } else if starts_with(&["scrypt", "$scrypt$", "$argon2", "argon2"]) {
        "password_hash: is damaged, of another kind than scrypt, argon2id and argon2i with v=19, or takes \
         more than 128 MiB or more time than a sign-in may"
    } else if starts_with(&["md5", "$P$", "$H$"]) {
        "password_hash: is damaged, or costs more than a sign-in may"
    } else if starts_with(&["{"]) {
        "password_hash: has a prefix that is not known, or one that the rest does not fit"
    } else {
        "password_hash: is of no known form (see docs/import.md); an empty one makes an account without a \
         password"
    })
}

/// Accepts any text that fits into the column and has no control characters.
fn parse_external_id(text: &str) -> Result<String, &'static str> {
    if text.chars().count() <= MAX_EXTERNAL_ID && !text.chars().any(char::is_control) {
        Ok(text.to_owned())
    } else {
        Err("external_id: has more than 128 characters, or control characters")
    }
}

/// Parses RFC 3339, or a date and a time in UTC. Neither may lie before 1970 or in the future.
fn parse_time(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, &'static str> {
    let with_offset = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
    let in_utc = || NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f");
    let time = with_offset.or_else(|_| in_utc().map(|time| time.and_utc()));
    let time = time.or(Err("created_at: is neither RFC 3339 nor YYYY-MM-DD HH:MM:SS"))?;
    if (DateTime::UNIX_EPOCH..=now).contains(&time) {
        Ok(time)
    } else {
        Err("created_at: lies before 1970 or in the future")
    }
}

fn parse_avatar_url(text: &str) -> Result<String, &'static str> {
    let is_web = Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if is_web && text.len() <= MAX_AVATAR_URL {
        Ok(text.to_owned())
    } else {
        Err("avatar_url: is no http or https address of at most 255 characters")
    }
}
