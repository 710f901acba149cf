//! Two older front-ends, complete and unchanged, served from `STATIC_ROOT` and used by a person.
//!
//! They are written as such sites are: with jQuery, captcha ids made in the page, their own countdown, and no look at
//! any status or error.

use std::{fs, path::Path};

use tempfile::TempDir;
use test_support::{
    app::{PASSWORD, fresh_mobile},
    databases::required_part,
};

use crate::person::{Person, Script, misread, on_each_with};

/// A front-end under `tests/front-ends`, and the selectors of its parts.
struct Site {
    folder: &'static str,
    /// The captcha, and the name of the field for its answer.
    picture: &'static str,
    captcha: &'static str,
    /// The button that requests a code and then counts down.
    send: &'static str,
    /// The element with the signed-in user.
    name: &'static str,
    mobile: &'static str,
}

const IHOME: Site = Site {
    folder: "ihome",
    picture: ".image-code img",
    captcha: "imagecode",
    send: ".phonecode-a",
    name: "#user-name",
    mobile: "#user-mobile",
};

const PASSPORT: Site = Site {
    folder: "passport",
    picture: ".get_pic_code",
    captcha: "code_pwd",
    send: ".get_code",
    name: "#nick_name",
    mobile: "#user_mobile",
};

#[tokio::test]
async fn a_person_registers_and_signs_out_at_an_ihome_site() {
    on_each(&IHOME, async |person| {
        let mobile = fresh_mobile();
        person.open("/my.html").await;
        person.is_at("/login.html").await;
        person.press("立即注册").await;
        person.is_at("/register.html").await;

        person.type_into("mobile", &mobile).await;
        let wrong = IHOME.misread_the_picture(person).await;
        person.press("获取验证码").await;
        person.is_alerted("图片验证码错误").await;
        IHOME.solve_another_picture(person, &wrong).await;
        person.press("获取验证码").await;
        IHOME.counts_down(person).await;
        person.type_into("phonecode", &person.app.gateway.code_for(&mobile)).await;
        person.type_into("password", PASSWORD).await;
        person.type_into("password2", PASSWORD).await;
        person.press("立即注册").await;

        person.is_at("/my.html").await;
        IHOME.shows(person, &mobile).await;
        person.reload().await;
        IHOME.shows(person, &mobile).await;

        person.press("退出").await;
        person.is_at("/index.html").await;
        person.press("我的爱家").await;
        person.is_at("/login.html").await;
    })
    .await;
}

#[tokio::test]
async fn a_person_signs_in_at_an_ihome_site_by_password() {
    on_each(&IHOME, async |person| {
        let mobile = fresh_mobile();
        person.app.client().register(&mobile).await;
        person.open("/").await;
        person.press("登录").await;
        person.is_at("/login.html").await;

        person.type_into("mobile", &mobile).await;
        person.type_into("password", "not the right one").await;
        person.press("登录").await;
        person.sees("用户名或密码错误").await;
        person.type_into("password", PASSWORD).await;
        person.press("登录").await;

        person.is_at("/index.html").await;
        let name = person.shown_in(".user-name").await;
        person.press(&name).await;
        person.is_at("/my.html").await;
        IHOME.shows(person, &mobile).await;
        person.press("退出").await;
        person.is_at("/index.html").await;
        person.press("登录").await;
        person.is_at("/login.html").await;
    })
    .await;
}

#[tokio::test]
async fn a_person_registers_and_signs_out_at_a_passport_site() {
    on_each(&PASSPORT, async |person| {
        let mobile = fresh_mobile();
        person.open("/").await;
        person.press("注册").await;

        person.type_into("register_mobile", &mobile).await;
        let wrong = PASSPORT.misread_the_picture(person).await;
        person.press("点击获取验证码").await;
        person.sees("图片验证码错误").await;
        PASSPORT.solve_another_picture(person, &wrong).await;
        person.press("点击获取验证码").await;
        PASSPORT.counts_down(person).await;
        person.type_into("smscode", &person.app.gateway.code_for(&mobile)).await;
        person.type_into("register_password", PASSWORD).await;
        person.press("注 册").await;

        PASSPORT.shows(person, &mobile).await;
        person.reload().await;
        PASSPORT.shows(person, &mobile).await;

        leave(person).await;
    })
    .await;
}

#[tokio::test]
async fn a_person_signs_in_at_a_passport_site_by_password() {
    on_each(&PASSPORT, async |person| {
        let mobile = fresh_mobile();
        person.app.client().register(&mobile).await;
        person.open("/").await;
        person.press("登录").await;

        person.type_into("mobile", &mobile).await;
        person.type_into("password", "not the right one").await;
        person.press("登 录").await;
        person.sees("用户名或密码错误").await;
        person.type_into("password", PASSWORD).await;
        person.press("登 录").await;

        PASSPORT.shows(person, &mobile).await;
        leave(person).await;
    })
    .await;
}

/// Runs a test on a site on each backend, and checks that the browser's console stays empty.
async fn on_each(site: &Site, test: impl AsyncFn(&Person<'_>)) {
    let Some(modules) = required_part("TEST_NODE_MODULES") else { return };
    let root = TempDir::new().expect("a folder");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/front-ends").join(site.folder);
    copy(&source, root.path());
    let jquery = Path::new(&modules).join("jquery/dist/jquery.min.js");
    fs::copy(jquery, root.path().join("static/jquery.min.js")).expect("jQuery");
    let settings = [("STATIC_ROOT", root.path().to_str().expect("a path"))];
    on_each_with(&settings, Script::On, async |person| {
        test(person).await;
        let complaints = person.complaints().await;
        assert!(complaints.is_empty(), "{complaints:?}");
    })
    .await;
}

/// Copies the contents of a folder into another one, which is created if it is missing.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let (path, copied) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &copied);
        } else {
            fs::copy(&path, &copied).expect("a file");
        }
    }
}

/// Signs out at the passport site, which then shows its buttons again, also after a reload.
async fn leave(person: &Person<'_>) {
    person.press("退出").await;
    person.press("登录").await;
    person.shown_in(".login_form_con").await;
    person.reload().await;
    person.press("登录").await;
    person.lacks("欢迎您").await;
}

impl Site {
    /// Types a wrong answer to the captcha, and returns its id.
    async fn misread_the_picture(&self, person: &Person<'_>) -> String {
        let (id, answer) = self.picture(person, "").await;
        person.type_into(self.captcha, &misread(&answer)).await;
        id
    }

    /// Waits for another captcha and types its answer.
    async fn solve_another_picture(&self, person: &Person<'_>, before: &str) {
        let (_, answer) = self.picture(person, before).await;
        person.type_into(self.captcha, &answer).await;
        assert!(person.app.answer_of(before).await.is_none(), "the picture before is spent");
    }

    /// Returns the id of the shown captcha, which the page has made, and its answer.
    async fn picture(&self, person: &Person<'_>, other_than: &str) -> (String, String) {
        person
            .until("a picture", async || {
                let address = person.attribute(self.picture, "src").await?;
                let id = address.split(['/', '=', '&']).find(|part| part.len() == 36)?.to_owned();
                let answer = person.app.answer_of(&id).await.filter(|_| id != other_than)?;
                Some((id, answer))
            })
            .await
    }

    /// Waits until the page's countdown begins and goes on.
    async fn counts_down(&self, person: &Person<'_>) {
        let mut before = u32::MAX;
        for _ in 0..2 {
            before = person
                .until("countdown", async || {
                    let words = person.shown_in(self.send).await;
                    words.strip_suffix('秒')?.parse().ok().filter(|seconds| *seconds < before)
                })
                .await;
        }
    }
    /// Waits until the page shows the signed-in user.
    async fn shows(&self, person: &Person<'_>, mobile: &str) {
        person.shown_in(self.name).await;
        assert_eq!(person.shown_in(self.mobile).await, format!("139****{}", &mobile[7..]));
    }
}
