//! Settings of the limits that vendors have per number. The defaults are those that the vendors document (docs/sms.md).

use std::time::Duration;

use crate::{config::Env, domain::region::Regions, sms::VendorLimits};

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// The variables of one vendor with their defaults. 0 is no limit.
struct Variables {
    provider: &'static str,
    regions: (&'static str, &'static str),
    seconds: (&'static str, u64),
    per_hour: (&'static str, u32),
    per_day: (&'static str, u32),
}

/// Tencent allows one message in 30 s and ten a day in mainland China, which is the default; its international site
/// says two a day. Aliyun allows one a minute, five an hour and ten a day; for PNVS it documents the minute, and the
/// others are assumed to be the same. Huawei allows fifteen a minute and fifty in 24 hours.
/// Yuntongxun and Volcengine have limits but publish no numbers.
const VENDORS: &[Variables] = &[
    Variables {
        provider: "yuntongxun",
        regions: ("SMS_YUNTONGXUN_REGIONS", "CN"),
        seconds: ("SMS_YUNTONGXUN_SECONDS_PER_MOBILE", 0),
        per_hour: ("SMS_YUNTONGXUN_PER_MOBILE_HOUR", 0),
        per_day: ("SMS_YUNTONGXUN_PER_MOBILE_DAY", 0),
    },
    Variables {
        provider: "tencent",
        regions: ("SMS_TENCENT_REGIONS", "CN"),
        seconds: ("SMS_TENCENT_SECONDS_PER_MOBILE", 30),
        per_hour: ("SMS_TENCENT_PER_MOBILE_HOUR", 0),
        per_day: ("SMS_TENCENT_PER_MOBILE_DAY", 10),
    },
    Variables {
        provider: "aliyun",
        regions: ("SMS_ALIYUN_REGIONS", "CN"),
        seconds: ("SMS_ALIYUN_SECONDS_PER_MOBILE", 60),
        per_hour: ("SMS_ALIYUN_PER_MOBILE_HOUR", 5),
        per_day: ("SMS_ALIYUN_PER_MOBILE_DAY", 10),
    },
    Variables {
        provider: "aliyun_pnvs",
        regions: ("SMS_ALIYUN_PNVS_REGIONS", "CN"),
        seconds: ("SMS_ALIYUN_PNVS_SECONDS_PER_MOBILE", 60),
        per_hour: ("SMS_ALIYUN_PNVS_PER_MOBILE_HOUR", 5),
        per_day: ("SMS_ALIYUN_PNVS_PER_MOBILE_DAY", 10),
    },
    Variables {
        provider: "huawei",
        regions: ("SMS_HUAWEI_REGIONS", "CN"),
        seconds: ("SMS_HUAWEI_SECONDS_PER_MOBILE", 0),
        per_hour: ("SMS_HUAWEI_PER_MOBILE_HOUR", 0),
        per_day: ("SMS_HUAWEI_PER_MOBILE_DAY", 50),
    },
    Variables {
        provider: "volcengine",
        regions: ("SMS_VOLCENGINE_REGIONS", "CN"),
        seconds: ("SMS_VOLCENGINE_SECONDS_PER_MOBILE", 0),
        per_hour: ("SMS_VOLCENGINE_PER_MOBILE_HOUR", 0),
        per_day: ("SMS_VOLCENGINE_PER_MOBILE_DAY", 0),
    },
];

/// Reads the limits of a provider. One without limits of its own serves every number.
pub(super) fn read(env: &mut Env, provider: &str) -> VendorLimits {
    let Some(vendor) = VENDORS.iter().find(|vendor| vendor.provider == provider) else {
        return VendorLimits { regions: Regions::Any, per_mobile: Vec::new() };
    };
    let (name, default) = vendor.regions;
    let expected = "a list of country codes like `CN,HK`, or `*`";
    let regions = env
        .parse(name, expected, Regions::parse)
        .unwrap_or_else(|| Regions::Only(vec![default.to_owned()]));
    let seconds = env.seconds(vendor.seconds.0, vendor.seconds.1, 0..=3_600);
    let per_hour = env.number(vendor.per_hour.0, vendor.per_hour.1, 0..=1_000);
    let per_day = env.number(vendor.per_day.0, vendor.per_day.1, 0..=1_000);
    let mut per_mobile = vec![(HOUR, per_hour), (DAY, per_day)];
    per_mobile.retain(|(_, limit)| *limit > 0);
    per_mobile.extend((!seconds.is_zero()).then_some((seconds, 1)));
    VendorLimits { regions, per_mobile }
}
