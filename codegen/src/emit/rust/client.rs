//! Emits the clients, with one method per operation. The same code emits the async and the blocking client, so that
//! both have the same methods.

use super::style::Style;
use super::tokens::{docs, ident, setters};
use crate::model::{ApiModel, CredentialModel, OperationModel};
use proc_macro2::TokenStream;
use quote::quote;

/// Emits `client.rs` or `blocking.rs`.
pub(crate) fn emit(api: &ApiModel, crate_name: &str, style: Style) -> TokenStream {
    let title = format!(" Client of {}.", api.shown_title);
    let methods = api.operations.iter().map(|op| method(api, op, crate_name, style));
    let (file_docs, type_docs) = (style.file_docs(), style.type_docs());
    let (core, built) = match style {
        Style::Async => (quote!(rt::Core), quote!(self.core.build()?)),
        Style::Blocking => (quote!(rt::BlockingCore), quote!(rt::BlockingCore::new(self.core.build()?)?)),
    };
    let confirmations = api.callbacks.iter().filter_map(|callback| super::confirm::method(callback, style));
    let settings = settings(built);
    let durable =
        (style == Style::Async).then(|| api.operations.iter().map(super::durable::emit).collect::<TokenStream>());
    let constructors = constructors(api);
    quote! {
        #![doc = #file_docs]

        use super::*;
        use std::sync::Arc;
        use std::time::Duration;
        use pagespec_runtime::__private as rt;

        #[doc = #title]
        ///
        #type_docs
        #[derive(Clone, Debug)]
        pub struct Client {
            core: #core<ErrorCode>,
        }

        /// Builder of a [`Client`].
        #[derive(Debug)]
        #[must_use]
        pub struct ClientBuilder {
            core: rt::CoreBuilder<ErrorCode>,
        }

        impl Client {
            #constructors

            /// Returns the base URL of the requests.
            pub fn base_url(&self) -> &str {
                self.core.base_url()
            }

            /// Returns warnings about settings that are allowed but probably not intended. Log them at startup.
            pub fn warnings(&self) -> Vec<String> {
                self.core.warnings()
            }

            /// Returns a client that makes its calls with `options`. The returned client shares the retry budget and
            /// the log of attempts with this client.
            pub fn with(&self, options: rt::CallOptions) -> Self {
                Self { core: self.core.with(options) }
            }

            #(#methods)*
            #(#confirmations)*
        }

        #settings

        #durable
    }
}

/// Emits the setters of the builder, and `build`.
fn settings(built: TokenStream) -> TokenStream {
    let (destination, timing, limits, connection) = (destination(), timing(), limits(), connection());
    quote! {
        impl ClientBuilder {
            #destination

            #timing

            #limits

            #connection

            /// Builds the client.
            ///
            /// # Errors
            ///
            /// Returns an error if a credential, the base URL or another setting cannot be used. The message names the
            /// setting and the reason.
            pub fn build(self) -> Result<Client, rt::ConfigError> {
                Ok(Client { core: #built })
            }
        }
    }
}

/// Emits the constructors. A single credential is a parameter that accepts any text. Several credentials are parameters
/// of different types, so that they cannot be confused.
fn constructors(api: &ApiModel) -> TokenStream {
    let single = of_client(api).count() == 1;
    let parameters: Vec<_> = of_client(api)
        .map(|credential| {
            let (name, ty) = (ident(&credential.rust), ident(&credential.text));
            if single { quote!(#name: impl Into<#ty>) } else { quote!(#name: #ty) }
        })
        .collect();
    let names: Vec<_> = of_client(api).map(|credential| ident(&credential.rust)).collect();
    let texts = api.credentials.iter().map(|credential| {
        let (name, ty) = (ident(&credential.rust), ident(&credential.text));
        if !credential.of_client {
            // A credential that is only for callbacks is left empty, so that the other credentials keep their indexes.
            quote!(rt::SecretText::default())
        } else if single {
            quote!(rt::SecretText::from(Into::<#ty>::into(#name).as_str()))
        } else {
            quote!(rt::SecretText::from(#name.as_str()))
        }
    });
    let default = &api.stages[api.default_stage].name;
    let new_doc = format!(" Creates a client for the stage `{default}`, with the default settings.");
    quote! {
        #[doc = #new_doc]
        ///
        /// # Errors
        ///
        /// Returns an error if a credential cannot be used, for example because it is empty, has control characters or
        /// quotes, or belongs to another product. The message names the credential and the reason.
        pub fn new(#(#parameters),*) -> Result<Self, rt::ConfigError> {
            Self::builder(#(#names),*).build()
        }

        /// Creates a builder for a client with other settings.
        pub fn builder(#(#parameters),*) -> ClientBuilder {
            ClientBuilder {
                core: rt::Core::builder(&API, vec![#(#texts),*]),
            }
        }
    }
}

/// Returns the credentials that the client needs.
fn of_client(api: &ApiModel) -> impl Iterator<Item = &CredentialModel> {
    api.credentials.iter().filter(|credential| credential.of_client)
}

/// Emits the setters of the stage and the base URL.
fn destination() -> TokenStream {
    quote! {
        /// Sets the stage, and so the base URL. A URL that is set with `base_url` takes precedence.
        pub fn stage(mut self, stage: Stage) -> Self {
            self.core = self.core.stage(stage as usize);
            self
        }

        /// Sets the base URL, for example of a sandbox. Unencrypted http is allowed only for a loopback address and
        /// without live credentials.
        pub fn base_url(mut self, url: impl Into<String>) -> Self {
            self.core = self.core.base_url(url);
            self
        }
    }
}

/// Emits the setters of timeouts, retries and the observer.
fn timing() -> TokenStream {
    quote! {
        /// Sets the time limit for opening a connection.
        pub fn connect_timeout(mut self, timeout: Duration) -> Self {
            self.core = self.core.connect_timeout(timeout);
            self
        }

        /// Sets the time limit of one attempt, from connecting to the end of the reply.
        pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
            self.core = self.core.attempt_timeout(timeout);
            self
        }

        /// Sets the time limit of a whole call, with all its attempts and the pauses between them.
        pub fn total_timeout(mut self, timeout: Duration) -> Self {
            self.core = self.core.total_timeout(timeout);
            self
        }

        /// Sets for how long after an attempt an effect of the attempt may still appear. Until then, an absent effect
        /// does not prove that the request was not carried out.
        pub fn conclusive_after(mut self, time: Duration) -> Self {
            self.core = self.core.conclusive_after(time);
            self
        }

        /// Sets how often and how soon a request is sent again, if that is safe.
        pub fn retries(mut self, policy: rt::RetryPolicy) -> Self {
            self.core = self.core.retries(policy);
            self
        }

        /// Sets the observer of attempts and calls, for metrics.
        pub fn observer(mut self, observer: Arc<dyn rt::Observer>) -> Self {
            self.core = self.core.observer(observer);
            self
        }
    }
}

/// Emits the setters of the confirmation limit, the clock and the source of randomness.
fn limits() -> TokenStream {
    quote! {
        /// Limits the status queries about unproven messages to `burst` queries in a row (default 50), and to
        /// `per_second` queries per second on average (default 20). All clones of the client share the limit. Half of
        /// the burst is reserved for messages with a value that the caller has stored, because forgers do not know such
        /// values.
        pub fn confirmations(mut self, burst: u32, per_second: u32) -> Self {
            self.core = self.core.confirmations(burst, per_second);
            self
        }

        /// Sets another clock, for tests in virtual time.
        pub fn clock(mut self, clock: Arc<dyn rt::Clock>) -> Self {
            self.core = self.core.clock(clock);
            self
        }

        /// Sets another source of random pauses, for reproducible tests.
        pub fn random(mut self, random: rt::Random) -> Self {
            self.core = self.core.random(random);
            self
        }
    }
}

/// Emits the setters of the HTTP client.
fn connection() -> TokenStream {
    quote! {
        /// Sets the URL of a proxy. By default, environment variables such as `HTTPS_PROXY` set the proxy. Requests to
        /// a loopback address never use a proxy.
        pub fn proxy(mut self, url: impl Into<String>) -> Self {
            self.core = self.core.proxy(url);
            self
        }

        /// Adds trusted root certificates, in PEM.
        pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
            self.core = self.core.root_certificates(pem);
            self
        }

        /// Sets the `reqwest` builder from which the HTTP client is built. Some of its settings are overridden for
        /// safety: there are no redirects and no automatic retries, and TLS has version 1.2 or newer. Only https is
        /// allowed, except for a loopback address. Connections are not reused. The connect timeout of the builder is
        /// replaced, and so are its default headers that have the names of the client's own headers.
        pub fn http_client(mut self, http: rt::reqwest::ClientBuilder) -> Self {
            self.core = self.core.http_client(http);
            self
        }

        /// Adds the name of the application to the user agent.
        pub fn application(mut self, name: impl Into<String>) -> Self {
            self.core = self.core.application(name);
            self
        }
    }
}

fn method(api: &ApiModel, op: &OperationModel, crate_name: &str, style: Style) -> TokenStream {
    let (name, request, reply) = (ident(&op.id), ident(&op.request.rust), ident(&op.reply.rust));
    let mut paragraphs = vec![op.summary.clone()];
    paragraphs.push(format!("Page section \"{}\". Rules of the request: [`{}`].", op.shown_section, op.request.rust));
    if let Some(example) = example(api, op, crate_name, style) {
        paragraphs.push(example);
    }
    paragraphs.push("# Errors".into());
    paragraphs.push(
        "Returns an error if the request was not sent, if the service rejected it, or if no answer shows whether it \
         took effect. `outcome` of the error distinguishes these cases, and `code` is the error code of the service."
            .into(),
    );
    let documentation = docs(&paragraphs);
    let resolve = super::resolution::methods(op, style);
    let pages = super::pages::method(op, style);
    let (function, wait) = (style.function(), style.wait());
    quote! {
        #documentation
        pub #function #name(&self, request: &#request) -> Result<#reply, Error> {
            self.core.call(request)#wait
        }

        #resolve
        #pages
    }
}

/// Returns an example for the documentation of a method. The example is compiled as a doc test.
fn example(api: &ApiModel, op: &OperationModel, crate_name: &str, style: Style) -> Option<String> {
    let calls = setters(op.sample.as_ref()?, None);
    let request = ident(&op.request.rust);
    let code = statements(quote!(let request = #request::builder() #calls .build()?;))?;
    let (module, id) = (&api.module, &op.id);
    let (function, client, wait) = match style {
        Style::Async => ("async fn", "Client", ".await"),
        Style::Blocking => ("fn", "blocking::Client", ""),
    };
    Some(format!(
        "```no_run
# #[allow(unused_imports)]
# use {crate_name}::runtime as rt;
# {function} example(client: {crate_name}::{module}::{client}) -> Result<(), Box<dyn std::error::Error>> {{
use {crate_name}::{module}::*;

{code}
let reply = client.{id}(&request){wait}?;
# let _ = reply;
# Ok(())
# }}
```"
    ))
}

/// Formats statements. The formatter needs a whole file, so the statements are formatted inside a function and then
/// extracted.
fn statements(code: TokenStream) -> Option<String> {
    let file = syn::parse2(quote!(fn example() { #code })).ok()?;
    let printed = prettyplease::unparse(&file);
    let lines: Vec<&str> = printed.lines().collect();
    let inner = lines.get(1..lines.len().saturating_sub(1))?.iter();
    Some(inner.map(|line| line.strip_prefix("    ").unwrap_or(line)).collect::<Vec<_>>().join("\n"))
}

/// Returns the quick start: an example that reads credentials from environment variables and makes a call.
pub(super) fn quick_start(api: &ApiModel, op: &OperationModel, crate_name: &str) -> Option<String> {
    let calls = setters(op.sample.as_ref()?, None);
    let (request, method) = (ident(&op.request.rust), ident(&op.id));
    let single = of_client(api).count() == 1;
    let credentials = of_client(api).map(|credential| {
        let name = credential.rust.to_uppercase();
        if single { quote!(std::env::var(#name)?) } else { quote!(std::env::var(#name)?.into()) }
    });
    let code = statements(quote! {
        let client = Client::new(#(#credentials),*)?;
        let request = #request::builder() #calls .build()?;
        let reply = client.#method(&request).await?;
    })?;
    let module = &api.module;
    Some(format!(
        "```no_run
# #[allow(unused_imports)]
# use {crate_name}::runtime as rt;
use {crate_name}::{module}::*;

# #[cfg(feature = \"client\")]
# async fn example() -> Result<(), Box<dyn std::error::Error>> {{
{code}
# let _ = reply;
# Ok(())
# }}
```"
    ))
}
