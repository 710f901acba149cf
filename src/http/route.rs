//! A path and its methods, as the table of routes writes them.

use actix_web::{
    FromRequest, Handler, Resource, Responder, Route, guard,
    http::Method,
    web::{resource, route},
};

use crate::errors::Error;

/// Makes the routes of a path. A method that is not among them is answered with 405, not 404.
pub(super) fn at(path: &str, methods: impl IntoIterator<Item = (Method, Route)>) -> Resource {
    with(resource(path), methods)
}

pub(super) fn with(
    mut resource: Resource,
    methods: impl IntoIterator<Item = (Method, Route)>,
) -> Resource {
    let mut allow: Vec<String> = Vec::new();
    for (method, route) in methods {
        // A page and a legacy API may have the same method at one path.
        if !allow.iter().any(|allowed| allowed == method.as_str()) {
            allow.push(method.to_string());
        }
        resource = resource.route(route);
    }
    let allow = allow.join(", ");
    resource.default_service(route().to(move || {
        let refused = Error::MethodNotAllowed { allow: allow.clone() };
        async { Err::<&str, _>(refused) }
    }))
}

/// Every GET route also answers HEAD.
pub(super) fn get<H, Args>(handler: H) -> (Method, Route)
where
    H: Handler<Args>,
    Args: FromRequest + 'static,
    H::Output: Responder + 'static,
{
    let reads = guard::Any(guard::Get()).or(guard::Head());
    (Method::GET, route().guard(reads).to(handler))
}

pub(super) fn post<H, Args>(handler: H) -> (Method, Route)
where
    H: Handler<Args>,
    Args: FromRequest + 'static,
    H::Output: Responder + 'static,
{
    (Method::POST, actix_web::web::post().to(handler))
}

pub(super) fn delete<H, Args>(handler: H) -> (Method, Route)
where
    H: Handler<Args>,
    Args: FromRequest + 'static,
    H::Output: Responder + 'static,
{
    (Method::DELETE, actix_web::web::delete().to(handler))
}

pub(super) fn put<H, Args>(handler: H) -> (Method, Route)
where
    H: Handler<Args>,
    Args: FromRequest + 'static,
    H::Output: Responder + 'static,
{
    (Method::PUT, actix_web::web::put().to(handler))
}

pub(super) fn patch<H, Args>(handler: H) -> (Method, Route)
where
    H: Handler<Args>,
    Args: FromRequest + 'static,
    H::Output: Responder + 'static,
{
    (Method::PATCH, actix_web::web::patch().to(handler))
}

pub(super) fn options<H, Args>(handler: H) -> (Method, Route)
where
    H: Handler<Args>,
    Args: FromRequest + 'static,
    H::Output: Responder + 'static,
{
    (Method::OPTIONS, route().method(Method::OPTIONS).to(handler))
}
