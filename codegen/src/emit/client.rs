//! The client: one method an operation.

use super::tokens::{docs, ident, setters};
use crate::model::{Api, Operation};
use proc_macro2::TokenStream;
use quote::quote;

/// `client.rs`
pub fn emit(api: &Api, crate_name: &str) -> TokenStream {
    let title = format!(" Calls {}.", api.title);
    let methods = api.operations.iter().map(|op| method(api, op, crate_name));
    // One credential can be given as any text; several of the same shape are told apart by their types.
    let single = api.credentials.len() == 1;
    let parameters: Vec<_> = api
        .credentials
        .iter()
        .map(|credential| {
            let (name, ty) = (ident(&credential.rust), ident(&credential.text));
            if single { quote!(#name: impl Into<#ty>) } else { quote!(#name: #ty) }
        })
        .collect();
    let names: Vec<_> = api.credentials.iter().map(|credential| ident(&credential.rust)).collect();
    let texts = api.credentials.iter().map(|credential| {
        let (name, ty) = (ident(&credential.rust), ident(&credential.text));
        if single {
            quote!(rt::SecretText::from(Into::<#ty>::into(#name).as_str()))
        } else {
            quote!(rt::SecretText::from(#name.as_str()))
        }
    });
    let default = &api.stages[api.default_stage].name;
    let new_doc = format!(" A client for the stage `{default}`, with the default timeouts.");
    quote! {
        //! The client.

        use super::*;
        use std::sync::Arc;
        use std::time::Duration;
        use toss_sdk_runtime as rt;

        #[doc = #title]
        ///
        /// Cheap to clone; clones share connections.
        #[derive(Clone, Debug)]
        pub struct Client {
            core: rt::Core<ErrorCode>,
        }

        /// Configures a [`Client`].
        #[derive(Debug)]
        #[must_use]
        pub struct ClientBuilder {
            core: rt::CoreBuilder<ErrorCode>,
        }

        impl Client {
            #[doc = #new_doc]
            ///
            /// # Errors
            ///
            /// When a credential cannot be one.
            pub fn new(#(#parameters),*) -> Result<Self, rt::ConfigError> {
                Self::builder(#(#names),*).build()
            }

            /// Begins a client with other than the default settings.
            pub fn builder(#(#parameters),*) -> ClientBuilder {
                ClientBuilder {
                    core: rt::Core::builder(&API, vec![#(#texts),*]),
                }
            }

            /// Where requests go.
            pub fn base_url(&self) -> &str {
                self.core.base_url()
            }

            /// What is allowed but probably not meant, for a log at the start.
            pub fn warnings(&self) -> Vec<String> {
                self.core.warnings()
            }

            /// The same client with other settings for the calls made with it. Shares connections, and the budget for
            /// retries.
            pub fn with(&self, options: rt::CallOptions) -> Self {
                Self { core: self.core.with(options) }
            }

            #(#methods)*
        }

        impl ClientBuilder {
            /// Sends requests to this stage.
            pub fn stage(mut self, stage: Stage) -> Self {
                self.core = self.core.stage(stage as usize);
                self
            }

            /// Sends requests to this URL. Plain http only to this machine.
            pub fn base_url(mut self, url: impl Into<String>) -> Self {
                self.core = self.core.base_url(url);
                self
            }

            /// How long to wait for a connection.
            pub fn connect_timeout(mut self, timeout: Duration) -> Self {
                self.core = self.core.connect_timeout(timeout);
                self
            }

            /// How long one attempt may take as a whole.
            pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
                self.core = self.core.attempt_timeout(timeout);
                self
            }

            /// How long a call may take with all its attempts and the pauses between them.
            pub fn total_timeout(mut self, timeout: Duration) -> Self {
                self.core = self.core.total_timeout(timeout);
                self
            }

            /// How often and how soon a request is sent again, where that is safe.
            pub fn retries(mut self, policy: rt::RetryPolicy) -> Self {
                self.core = self.core.retries(policy);
                self
            }

            /// Is told about each attempt and each call, for metrics.
            pub fn observer(mut self, observer: Arc<dyn rt::Observer>) -> Self {
                self.core = self.core.observer(observer);
                self
            }

            /// Another clock, for tests in virtual time.
            pub fn clock(mut self, clock: Arc<dyn rt::Clock>) -> Self {
                self.core = self.core.clock(clock);
                self
            }

            /// Another source of the pauses' randomness, for tests that repeat.
            pub fn random(mut self, random: rt::Random) -> Self {
                self.core = self.core.random(random);
                self
            }

            /// Sends requests through this proxy. Without it, the usual environment variables decide. Requests to this
            /// machine never go through a proxy.
            pub fn proxy(mut self, url: impl Into<String>) -> Self {
                self.core = self.core.proxy(url);
                self
            }

            /// Trusts these certificates too, in PEM.
            pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
                self.core = self.core.root_certificates(pem);
                self
            }

            /// Builds on an HTTP client that is set up in another way. What keeps money safe is set on top of it,
            /// whatever it says: no redirects, no resending underneath, TLS 1.2 or newer, https.
            pub fn http_client(mut self, http: rt::reqwest::ClientBuilder) -> Self {
                self.core = self.core.http_client(http);
                self
            }

            /// Names the application in the user agent.
            pub fn application(mut self, name: impl Into<String>) -> Self {
                self.core = self.core.application(name);
                self
            }

            /// The client.
            ///
            /// # Errors
            ///
            /// When a credential cannot be one, or the base URL cannot be used; the message says why.
            pub fn build(self) -> Result<Client, rt::ConfigError> {
                Ok(Client { core: self.core.build()? })
            }
        }
    }
}

fn method(api: &Api, op: &Operation, crate_name: &str) -> TokenStream {
    let (name, request, reply) = (ident(&op.id), ident(&op.request.rust), ident(&op.reply.rust));
    let mut paragraphs = vec![op.summary.clone()];
    paragraphs.push(format!("Page section \"{}\". Readings and more: [`{}`].", op.section, op.request.rust));
    if let Some(example) = example(api, op, crate_name) {
        paragraphs.push(example);
    }
    paragraphs.push("# Errors".into());
    paragraphs.push(
        "The error's `outcome` says whether the request may have taken effect; its `code` what the service said."
            .into(),
    );
    let documentation = docs(&paragraphs);
    let settle = super::settle::methods(op);
    quote! {
        #documentation
        pub async fn #name(&self, request: &#request) -> Result<#reply, Error> {
            self.core.call(request).await
        }

        #settle
    }
}

/// A compiled example.
fn example(api: &Api, op: &Operation, crate_name: &str) -> Option<String> {
    let calls = setters(op.sample.as_ref()?, None);
    // Printed by the same printer as everything else, then taken out of the function it had to stand in.
    let request = ident(&op.request.rust);
    let statement = quote!(fn example() { let request = #request::builder() #calls .build()?; });
    let file = syn::parse2(statement).ok()?;
    let printed = prettyplease::unparse(&file);
    let lines: Vec<&str> = printed.lines().collect();
    let code: Vec<&str> = lines
        .get(1..lines.len().saturating_sub(1))?
        .iter()
        .map(|line| line.strip_prefix("    ").unwrap_or(line))
        .collect();
    let code = code.join("\n");
    let (module, id) = (&api.module, &op.id);
    Some(format!(
        "```no_run
# #[allow(unused_imports)]
# use {crate_name}::runtime as rt;
# async fn example(client: {crate_name}::{module}::Client) -> Result<(), Box<dyn std::error::Error>> {{
use {crate_name}::{module}::*;

{code}
let reply = client.{id}(&request).await?;
# let _ = reply;
# Ok(())
# }}
```"
    ))
}
