//! Names of devices for people, such as 微信 · iPhone or Chrome · Android, made of the User-Agent.

use crate::domain::invisible::is_invisible;

/// Words in the User-Agent of an app or a browser, and the key of its name. The first match counts: apps also have the
/// words of a browser, and browsers those of Chrome and Safari.
const APPS: [(&[&str], &str); 22] = [
    (&["wxwork/"], "device-wecom"),
    (&["MicroMessenger/"], "device-wechat"),
    (&["DingTalk", "AliApp(DingTalk"], "device-dingtalk"),
    (&["AlipayClient/", "AliApp(AP/"], "device-alipay"),
    (&["Feishu/", "Lark/"], "device-feishu"),
    (&["Weibo", "__weibo__"], "device-weibo"),
    (&["aweme_", "aweme/", "BytedanceWebview"], "device-douyin"),
    (&["xhsdiscover", "XiaoHongShu", "discover/"], "device-xiaohongshu"),
    // The app of QQ also has the name of QQ's browser.
    (&[" QQ/"], "device-qq"),
    (&["MQQBrowser/", "QQBrowser/"], "device-qq-browser"),
    (&["Quark/", "QuarkPC/"], "device-quark"),
    (&["UCBrowser/", "UCWEB", "UBrowser/"], "device-uc"),
    (&["MiuiBrowser/", "XiaoMi/MiuiBrowser"], "device-miui"),
    (&["HuaweiBrowser/", "HUAWEIBrowser"], "device-huawei"),
    (&["HonorBrowser/"], "device-honor"),
    (&["VivoBrowser/"], "device-vivo"),
    (&["HeyTapBrowser/", "OppoBrowser/"], "device-oppo"),
    (&["SamsungBrowser/"], "device-samsung"),
    (&["baiduboxapp/", "baidubrowser", "BIDUBrowser/"], "device-baidu"),
    (&["QihooBrowser/", "QHBrowser/", "360SE", "360EE"], "device-360"),
    (&["SogouMobileBrowser/", "SogouMSE", "MetaSr"], "device-sogou"),
    // The web view of HarmonyOS, in any app.
    (&["ArkWeb/"], "device-browser"),
];
const HARMONY: [&str; 3] = ["HarmonyOS", "OpenHarmony", "ArkWeb/"];
/// How many characters of an unknown User-Agent a list shows.
const MAX_LENGTH: usize = 80;

/// Returns the name of a device. A User-Agent that names nothing known stays as it is, shortened.
pub(crate) fn device_name(user_agent: &str, translate: &dyn Fn(&str) -> String) -> String {
    let user_agent: String =
        user_agent.chars().filter(|character| !is_invisible(*character)).collect();
    let has = |words: &[&str]| words.iter().any(|word| user_agent.contains(word));
    let parsed = woothee::parser::Parser::new().parse(&user_agent);
    let app = APPS.iter().find(|(words, _)| has(words)).map(|(_, key)| translate(key));
    let browser = parsed.as_ref().and_then(|agent| match agent.name {
        "UNKNOWN" => None,
        "Webview" => Some(translate("device-webview")),
        name => Some(name.to_owned()),
    });
    let system = if has(&HARMONY) {
        Some(translate("device-harmonyos"))
    } else {
        parsed.as_ref().and_then(|agent| match agent.os {
            "UNKNOWN" => None,
            "Mac OSX" => Some("macOS".to_owned()),
            name => Some(name.to_owned()),
        })
    };
    match (app.or(browser), system) {
        (Some(app), Some(system)) => format!("{app} · {system}"),
        (Some(app), None) => app,
        (None, _) => user_agent.chars().take(MAX_LENGTH).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(user_agent: &str) -> String {
        device_name(user_agent, &|key| key.trim_start_matches("device-").to_owned())
    }

    #[test]
    fn devices_have_the_names_that_people_know() {
        for (user_agent, expected) in [
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.48(0x18003030) NetType/WIFI Language/zh_CN",
                "wechat · iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 13; M2012K11AC Build/TKQ1; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0.0.0 Mobile Safari/537.36 XWEB/1160065 MMWEBSDK/20231202 MicroMessenger/8.0.47.2560(0x28002F35) WeChat/arm64",
                "wechat · Android",
            ),
            (
                "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1.6.1 Mobile",
                "browser · harmonyos",
            ),
            (
                "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1.6.1 Mobile HuaweiBrowser/5.0.4.300",
                "huawei · harmonyos",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; HarmonyOS; NOH-AN00; HMSCore 6.13.0.302) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0.4844.88 HuaweiBrowser/14.0.5.303 Mobile Safari/537.36",
                "huawei · harmonyos",
            ),
            (
                "Mozilla/5.0 (Linux; U; Android 13; zh-cn; 22041211AC Build/TP1A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/109.0.5414.118 Mobile Safari/537.36 XiaoMi/MiuiBrowser/18.4.40417",
                "miui · Android",
            ),
            (
                "Mozilla/5.0 (Linux; U; Android 12; zh-CN; V2049A Build/SP1A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/100.0.4896.58 UCBrowser/16.1.8.1288 Mobile Safari/537.36",
                "uc · Android",
            ),
            (
                "Mozilla/5.0 (Linux; U; Android 12; zh-CN; V2049A Build/SP1A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/100.0.4896.58 Quark/6.6.5.435 Mobile Safari/537.36",
                "quark · Android",
            ),
            (
                "Mozilla/5.0 (Linux; U; Android 12; zh-cn; V2049A Build/SP1A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/98.0.4758.102 MQQBrowser/14.5 Mobile Safari/537.36 COVC/046915",
                "qq-browser · Android",
            ),
            (
                "Mozilla/5.0 (Linux; Android 12; V2049A Build/SP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/89.0.4389.72 MQQBrowser/6.2 TBS/046247 Mobile Safari/537.36 V1_AND_SQ_8.9.28_3700_YYB_D QQ/8.9.28.10155 NetType/WIFI",
                "qq · Android",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36",
                "Chrome · Windows 10",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
                "Safari · macOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
                "webview · iPhone",
            ),
            ("Shop 3.2 (Mate 60)", "Shop 3.2 (Mate 60)"),
            ("Shop\u{202e}\u{200b} 3.2\n", "Shop 3.2"),
            ("", ""),
        ] {
            assert_eq!(name(user_agent), expected, "{user_agent}");
        }
        assert_eq!(name(&"x".repeat(255)).len(), MAX_LENGTH);
    }
}
