//! The `revision` attribute of seachange.

mod arguments;
mod source;

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use syn::{Error, Fields, ItemStruct, Result};

use arguments::Arguments;
use source::Source;

/// Makes a unit struct a revision. What it is called and what it says come from its file: the
/// identifier is the stem of the file's name, the message is the first paragraph of its
/// `//!` documentation.
///
/// - `revises = "m20261120_090210_add_tags"`: what it follows; `["…", "…"]` for a merge. A root
///   leaves it out.
/// - `transaction = "per segment"`: commits each segment of steps by itself, instead of all of them
///   and the record together (`"whole"`).
/// - `id = "…"`: the identifier, where the file's name cannot be it.
#[proc_macro_attribute]
pub fn revision(
    arguments: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    let item = TokenStream::from(item);
    let header = expand(arguments.into(), item.clone()).unwrap_or_else(Error::into_compile_error);
    // The struct stays even when the attribute is wrong, so that one mistake is one error. Every
    // revision looks the same, whether its crate keeps its modules to itself or not: strict lints
    // are not to ask for something else in each of them.
    quote!(#[allow(missing_docs, unreachable_pub)] #item #header).into()
}

fn expand(arguments: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let arguments: Arguments = syn::parse2(arguments)?;
    let item: ItemStruct = syn::parse2(item)?;
    if !matches!(item.fields, Fields::Unit) || !item.generics.params.is_empty() {
        return Err(Error::new_spanned(
            item,
            "a revision is a struct without fields: `pub struct Migration;`",
        ));
    }
    let span = proc_macro::Span::call_site();
    let source = Source::read(&span.file(), span.local_file().as_deref());

    let migration = &item.ident;
    let id = arguments.id.unwrap_or(source.stem);
    let name = Literal::byte_string(id.as_bytes());
    let length = id.len();
    let revises = arguments.revises;
    let transaction = arguments.transaction;
    let Source {
        file,
        message,
        checksum,
        ..
    } = source;

    // The name is a static, since a literal may share its memory with one of another crate, and the
    // runner tells revisions apart by where their names are. The methods are what `async_trait`
    // would write, less the bounds that make its bodies slow to check.
    Ok(quote! {
        const _: () = {
            use ::seachange::revision as r;

            static NAME: [u8; #length] = *#name;

            impl r::MigrationName for #migration {
                fn name(&self) -> &str {
                    r::name(&NAME)
                }
            }

            impl r::MigrationTrait for #migration {
                fn up<'a, 'b, 'c>(&'a self, manager: &'b r::SchemaManager<'_>) -> r::Running<'c>
                where
                    'a: 'c,
                    'b: 'c,
                    Self: 'c,
                {
                    ::seachange::run::foreign(manager, |op| r::Revision::up(&#migration, op))
                }

                fn down<'a, 'b, 'c>(&'a self, manager: &'b r::SchemaManager<'_>) -> r::Running<'c>
                where
                    'a: 'c,
                    'b: 'c,
                    Self: 'c,
                {
                    ::seachange::run::foreign(manager, |op| r::Revision::down(&#migration, op))
                }
            }

            r::inventory::submit! {
                r::Header {
                    name: r::name(&NAME),
                    message: #message,
                    file: #file,
                    revises: &[#(#revises),*],
                    checksum: #checksum,
                    transaction: r::Transaction::#transaction,
                    up: |op| r::Revision::up(&#migration, op),
                    down: |op| r::Revision::down(&#migration, op),
                }
            }
        };
    })
}
