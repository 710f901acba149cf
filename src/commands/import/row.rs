//! One row of the file, checked like what a person types.

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

/// What fits into the column, in bytes.
const LONGEST: usize = 255;
/// The same for what another system calls an account, in characters.
const LONGEST_EXTERNAL_ID: usize = 128;

/// Which column is where.
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
    /// Reads the header; a column that is not known is a slip of the pen, and better found now.
    pub(super) fn read(header: &ByteRecord) -> anyhow::Result<Self> {
        const KNOWN: [&str; 6] =
            ["mobile", "name", "password_hash", "created_at", "avatar_url", "external_id"];
        let names: Vec<_> =
            header.iter().map(|it| String::from_utf8_lossy(it.trim_ascii())).collect();
        for (index, name) in names.iter().enumerate() {
            anyhow::ensure!(
                KNOWN.contains(&name.as_ref()),
                "the header has an unknown column `{name}`: known are {}",
                KNOWN.join(", ")
            );
            anyhow::ensure!(
                !names.iter().skip(index + 1).any(|it| it == name),
                "the header has the column `{name}` twice"
            );
        }
        let at = |name: &str| names.iter().position(|it| it == name);
        Ok(Self {
            count: names.len(),
            mobile: at("mobile").context("the header lacks the column `mobile`")?,
            password_hash: at("password_hash")
                .context("the header lacks the column `password_hash`")?,
            name: at("name"),
            created_at: at("created_at"),
            avatar_url: at("avatar_url"),
            external_id: at("external_id"),
        })
    }
}

/// Somebody who may move in.
pub(super) struct Row {
    pub(super) line: u64,
    mobile: Mobile,
    name: Option<Name>,
    password_hash: ImportedHash,
    created_at: DateTime<Utc>,
    avatar_url: Option<String>,
    external_id: Option<String>,
}

/// Everything that is wrong with a row.
#[derive(Debug, Default)]
pub(super) struct Refusal {
    problems: Vec<FieldProblem>,
    reasons: Vec<String>,
}

impl Refusal {
    /// In the words that a person would read on a page, and never with the value itself.
    pub(super) fn sentence(&self, words: &Catalog) -> String {
        let fields = field_messages(words, Language::English, &self.problems);
        let fields = fields.into_iter().map(|(field, it)| format!("{field}: {it}"));
        fields.chain(self.reasons.iter().cloned()).collect::<Vec<_>>().join("; ")
    }

    fn parsed<T>(&mut self, field: &str, parsed: Result<T, Problem>) -> Option<T> {
        let note = |problem| {
            self.problems.push(FieldProblem { field: field.to_owned(), problem });
        };
        parsed.map_err(note).ok()
    }

    fn sound<T>(&mut self, checked: Result<T, &str>) -> Option<T> {
        checked.map_err(|reason| self.reasons.push(reason.to_owned())).ok()
    }

    fn of(reason: String) -> Self {
        Self { problems: Vec::new(), reasons: vec![reason] }
    }
}

impl Row {
    /// Reads one, or tells all that is wrong with it.
    pub(super) fn read(
        columns: &Columns,
        record: &ByteRecord,
        line: u64,
        regions: &Regions,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        if record.len() != columns.count {
            let (has, wanted) = (record.len(), columns.count);
            return Err(Refusal::of(format!(
                "has {has} fields, the header has {wanted} (a value with a comma goes in quotes)"
            )));
        }
        if std::str::from_utf8(record.as_slice()).is_err() {
            return Err(Refusal::of("is not UTF-8".to_owned()));
        }
        let text =
            |at| str::from_utf8(record.get(at).unwrap_or_default()).unwrap_or_default().trim();
        let given = |at: Option<usize>| at.map(text).filter(|it| !it.is_empty());
        let mut refusal = Refusal::default();
        let mobile = refusal.parsed("mobile", regions.mobile(text(columns.mobile)));
        let name = given(columns.name).map(|it| refusal.parsed("name", Name::parse(it)));
        let password_hash = refusal.sound(usable_hash(text(columns.password_hash)));
        let created_at = given(columns.created_at);
        let created_at = refusal.sound(created_at.map_or(Ok(now), |it| moment(it, now)));
        let avatar_url = given(columns.avatar_url).map(|it| refusal.sound(picture(it)));
        let external_id = given(columns.external_id).map(|it| refusal.sound(external_id(it)));
        let made = (|| {
            Some(Self {
                line,
                mobile: mobile?,
                // Given and refused is not the same as not given.
                name: name.map_or(Some(None), |it| it.map(Some))?,
                password_hash: password_hash?,
                created_at: created_at?,
                avatar_url: avatar_url.map_or(Some(None), |it| it.map(Some))?,
                external_id: external_id.map_or(Some(None), |it| it.map(Some))?,
            })
        })();
        made.ok_or(refusal)
    }

    /// The number.
    pub(super) fn mobile(&self) -> &Mobile {
        &self.mobile
    }

    /// Whether the password hash is not stored as it is, and [`harden`](Self::harden) has work to do.
    pub(super) fn is_weak(&self) -> bool {
        matches!(self.password_hash, ImportedHash::Weak(_))
    }

    /// Hashes a weak hash once more, which takes as long as hashing a password.
    pub(super) fn harden(&mut self, iterations: u32) {
        if let ImportedHash::Weak(weak) = &self.password_hash {
            let wrapped = PasswordHash::wrap(weak, iterations);
            self.password_hash = ImportedHash::Strong(wrapped.to_stored());
        }
    }

    /// Whether the name is the person's own.
    pub(super) fn has_name(&self) -> bool {
        self.name.is_some()
    }

    /// An account to be, with a random name if none was given: another one each time.
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

/// The hash, if passwords can be checked against it here.
fn usable_hash(text: &str) -> Result<ImportedHash, &'static str> {
    let is_of = |words: &[&str]| words.iter().any(|it| text.starts_with(it));
    ImportedHash::parse(text).ok_or(if is_of(&["$2", "pbkdf2", "$pbkdf2", "bcrypt$"]) {
        "password_hash: is damaged, of another digest than SHA-256, or costs more than a sign-in may"
    } else if is_of(&["scrypt", "$scrypt$", "$argon2", "argon2"]) {
        "password_hash: is damaged, of another kind than scrypt, argon2id and argon2i with v=19, or takes \
         more than 128 MiB or more time than a sign-in may"
    } else if is_of(&["md5", "$P$", "$H$"]) {
        "password_hash: is damaged, or costs more than a sign-in may"
    } else if is_of(&["{"]) {
        "password_hash: has a prefix that is not known, or one that the rest does not fit"
    } else {
        "password_hash: is of no known form (see docs/import.md); an empty one makes an account without a \
         password"
    })
}

/// Any text that fits into the column and has no control characters.
fn external_id(text: &str) -> Result<String, &'static str> {
    if text.chars().count() <= LONGEST_EXTERNAL_ID && !text.chars().any(char::is_control) {
        Ok(text.to_owned())
    } else {
        Err("external_id: has more than 128 characters, or control characters")
    }
}

/// RFC 3339, or a date and a time that are UTC; neither before there were accounts nor to come.
fn moment(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, &'static str> {
    let exact = DateTime::parse_from_rfc3339(text).map(|it| it.to_utc());
    let bare = || NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f");
    let at = exact.or_else(|_| bare().map(|it| it.and_utc()));
    let at = at.or(Err("created_at: is neither RFC 3339 nor YYYY-MM-DD HH:MM:SS"))?;
    if (DateTime::UNIX_EPOCH..=now).contains(&at) {
        Ok(at)
    } else {
        Err("created_at: lies before 1970 or in the future")
    }
}

fn picture(text: &str) -> Result<String, &'static str> {
    let is_web = Url::parse(text).is_ok_and(|it| matches!(it.scheme(), "http" | "https"));
    if is_web && text.len() <= LONGEST {
        Ok(text.to_owned())
    } else {
        Err("avatar_url: is no http or https address of at most 255 characters")
    }
}
