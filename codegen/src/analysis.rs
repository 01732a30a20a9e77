//! Facts about a resolved spec that several steps need, such as the directions of types and the rules of fields.
//!
//! `resolve`, `lint`, `plan`, `diff` and the emitters of documents use this module. This module uses none of them.
//! `tests/generator/layers.rs` checks the imports.

mod bodies;
mod computed;
mod directions;
mod envelope;
mod expected;
mod fields;
mod groups;
mod json;
mod proof;
mod rules;
mod states;
mod times;

pub(crate) use bodies::{bodies_of, has_body, sends_form};
pub(crate) use computed::{all_parts, is_of_client, is_secret, made_of};
pub(crate) use directions::{Directions, follow, follow_type, openness, received_group, received_union};
pub(crate) use envelope::{
    code_in, code_name, code_of, envelope_names, envelope_of, example_status, has_several_meanings, is_kept,
    is_success, places_of_code, status_outcome, steps, success_in_words,
};
pub(crate) use expected::is_expected_of_reply;
pub(crate) use fields::{
    FieldsOf, at_list, currency_of, each_field, each_message_field, field_at, field_in, field_lists, field_paths,
    field_way, fields_in, is_supplied, supplied_by_client, supplied_by_value,
};
pub(crate) use groups::{Announced, announced, discriminating_enum, discriminator};
pub(crate) use json::to_json;
pub(crate) use proof::{ProofParts, field_of_part, proof_parts, signed_notation, unseparated};
pub(crate) use rules::{attach_rules, is_integer_coded, scalar_rules};
pub(crate) use states::{Reduced, is_final, moves_on, reached, state};
pub(crate) use times::{in_notation, moment_notation, now_notation, time_notation};
