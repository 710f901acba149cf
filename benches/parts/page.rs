//! Rendering a page, from its request to its bytes, through the routes but without middleware and without a socket: the
//! renderer itself is not public.

use std::net::{Ipv4Addr, SocketAddr};

use actix_web::{App, test, web::Data};
use criterion::Criterion;
use haoma::{
    domain::clock::Clock,
    http::{routes, state::WebState},
    metrics::Metrics,
};

use crate::service::{Service, runtime};

pub(crate) fn bench(criterion: &mut Criterion) {
    let runtime = runtime();
    let Service { application, config, .. } = &runtime.block_on(Service::start());
    let shared = (Metrics::default(), Clock::default());
    let web = WebState::new(config, None, shared, &config.secret_key.open().expect("a key"))
        .expect("templates");
    let app = App::new()
        .app_data(Data::new(application.state.clone()))
        .app_data(Data::new(web.clone()))
        .configure(|config| routes::configure(config, &web));
    let service = runtime.block_on(test::init_service(app));
    let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
    let ask = async |path: &str| {
        let request = test::TestRequest::get().uri(path).peer_addr(peer).to_request();
        test::call_and_read_body(&service, request).await
    };
    let mut group = criterion.benchmark_group("page");
    for path in ["/register", "/login"] {
        let page = runtime.block_on(ask(path));
        assert!(page.starts_with(b"<!doctype html>"), "{path} is no page");
        group.bench_function(path, |bencher| bencher.to_async(&runtime).iter(|| ask(path)));
    }
    group.finish();
}
