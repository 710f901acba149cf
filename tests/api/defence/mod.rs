//! What a stranger can do, and what it costs: the people whom limits are for stay unharmed.

mod abuse_guard;
mod addresses;
mod budget;
mod captcha_auto;
mod codes;
mod known_devices;
mod memory;
mod passwords;
mod people;
mod prices;
mod proof_of_work;
mod reserve;
mod sameness;
mod sends;
mod stranger;
