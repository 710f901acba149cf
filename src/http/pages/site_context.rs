//! What every page shows of the site: brand, files, rules and settings. None of it changes while the service runs.

use fluent_bundle::FluentArgs;
use tera::Context;

use super::rough_duration::RoughDuration;
use crate::{
    config::{Config, HttpConfig},
    domain::{
        account_rules::{PasswordRule, SignUp},
        brand::Brand,
        by_language::ByLanguage,
        region::Regions,
    },
    http::assets::embedded::Assets,
    i18n::{
        catalog::Catalog,
        country_menu::{CountryChoice, CountryMenu},
        language::Language,
        problem_messages::problem_message,
    },
};

/// The values of all pages, by language.
#[derive(Debug)]
pub struct SiteContext(ByLanguage<Context>);

impl SiteContext {
    /// Collects the values once, at the start.
    pub(crate) fn new(
        config: &Config,
        catalog: &Catalog,
        assets: &Assets,
        menu: &CountryMenu,
    ) -> Self {
        let of_language = |language: Language| {
            let mut context = Context::new();
            context.insert("lang", language.tag());
            add_assets(&mut context, assets);
            add_branding(&mut context, &config.branding.brand, &config.http, assets);
            add_rules(&mut context, config);
            add_countries(&mut context, &config.regions, menu.choices(language));
            let malformed = if menu.is_shown() {
                // The script fills in the example of the country that is chosen.
                let args = FluentArgs::from_iter([("example", "{example}")]);
                catalog.translate(language, "problem-mobile-malformed-in", &args)
            } else {
                problem_message(catalog, language, config.regions.malformed(None))
            };
            context.insert("mobile_malformed", &malformed);
            context
        };
        Self(ByLanguage::new(of_language))
    }

    /// Returns the values in a language.
    pub(super) fn in_language(&self, language: Language) -> Context {
        self.0.of(language).clone()
    }
}

fn add_assets(context: &mut Context, assets: &Assets) {
    context.insert("css", &assets.css.href());
    context.insert("js", &assets.js.href());
    context.insert("proof_js", &assets.proof.href());
    context.insert("countries_js", &assets.countries_js.href());
    context.insert("countries_css", &assets.countries_css.href());
}

/// Adds the name, logo and colours of the operator.
fn add_branding(context: &mut Context, brand: &Brand, http: &HttpConfig, assets: &Assets) {
    let icon = assets.icon.href();
    context.insert("logo", brand.logo.as_ref().map_or(&icon, |logo| &logo.href));
    context.insert("has_own_logo", &brand.logo.is_some());
    let picture = assets.icon_picture.href();
    let picture = brand.logo.as_ref().map_or(picture, |logo| logo.href.clone());
    // Programs that show a shared link want a whole address.
    let whole = http.public_url.as_ref().and_then(|url| url.join(&picture).ok());
    context.insert("share_picture", &whole.map_or_else(|| picture.clone(), Into::into));
    context.insert("touch_icon", &picture);
    context.insert("brand", brand.name.as_str());
    let backs = brand
        .palette
        .map(|palette| [palette.light.back, palette.dark.back].map(|color| color.to_string()));
    context.insert("backs", &backs.unwrap_or_else(|| ["#eef4f1", "#0e1614"].map(str::to_owned)));
}

/// Adds how numbers are written in the country that is served, or the countries between which the reader chooses.
fn add_countries(context: &mut Context, regions: &Regions, choices: &[CountryChoice]) {
    let numbering = regions.numbering();
    context.insert("dial_code", numbering.as_ref().map_or("", |it| it.dial_code.as_str()));
    context.insert("is_mainland", &(*regions == Regions::mainland()));
    context.insert("least_digits", &numbering.as_ref().map_or(0, |it| it.least_digits));
    context.insert("most_digits", &numbering.as_ref().map_or(0, |it| it.most_digits));
    context.insert("countries", choices);
}

/// Adds what the settings say of accounts, numbers, passwords, sessions and terms.
fn add_rules(context: &mut Context, config: &Config) {
    let terms = config.terms.as_ref();
    context.insert("terms_url", terms.map_or("", |terms| terms.url.as_str()));
    let privacy = terms.and_then(|terms| terms.privacy_url.as_ref());
    context.insert("privacy_url", privacy.map_or("", |url| url.as_str()));
    context.insert("terms_version", terms.map_or("", |terms| terms.version.as_str()));
    context.insert("password_least", &config.passwords.min_length);
    context.insert("password_kinds", &config.passwords.requires_kinds);
    // The session ends at the earlier of both limits.
    let remembered = config.sessions.remembered;
    context.insert("remember", &RoughDuration::new(remembered.idle.min(remembered.absolute)));
    let rules = config.account_rules;
    context.insert("password_required", &(rules.password == PasswordRule::Required));
    context.insert("creates_accounts", &rules.code_creates_account());
    context.insert("signs_up", &(rules.sign_up == SignUp::Open));
    context.insert("development", &config.is_development());
}
