//! Trait implementations that all generated types of a kind share.
//!
//! Generated code contains only what differs between types: rules, variants, fields.

/// Implementations for a string newtype that may be shown.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_public_text {
    ($name:ident) => {
        $crate::__private::impl_text!($name);
        $crate::__private::impl_text_wire!($name);

        impl $crate::__private::Text for $name {
            fn from_text(text: &str) -> Self {
                Self(text.to_owned())
            }

            fn as_text(&self) -> &str {
                &self.0
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.0).finish()
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

/// Implementations for a string newtype with personal data, which is never shown.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_personal_text {
    ($name:ident) => {
        $crate::__private::impl_text!($name);
        $crate::__private::impl_text_wire!($name);

        impl $crate::__private::Text for $name {
            fn from_text(text: &str) -> Self {
                Self(text.to_owned())
            }

            fn as_text(&self) -> &str {
                &self.0
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&$crate::__private::Redacted).finish()
            }
        }
    };
}

/// Implementations for a string newtype that authorizes its holder: never shown, wiped when dropped.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_secret_text {
    ($name:ident) => {
        $crate::__private::impl_held_text!($name);
        $crate::__private::impl_text_wire!($name);
    };
}

/// Implementations for a secret that is in no message. It cannot be serialized by accident.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_held_text {
    ($name:ident) => {
        $crate::__private::impl_text!($name);

        impl $crate::__private::Text for $name {
            fn from_text(text: &str) -> Self {
                Self($crate::__private::SecretText::from(text))
            }

            fn as_text(&self) -> &str {
                self.0.expose()
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&$crate::__private::Redacted).finish()
            }
        }
    };
}

/// Implementations for all string newtypes.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_text {
    ($name:ident) => {
        impl $crate::__private::Unset for $name {
            fn unset() -> Self {
                Self::new("")
            }
        }

        impl ::std::convert::From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }

        impl ::std::convert::From<::std::string::String> for $name {
            fn from(text: ::std::string::String) -> Self {
                Self::new(text)
            }
        }

        impl ::std::convert::From<&$name> for $name {
            fn from(text: &$name) -> Self {
                text.clone()
            }
        }
    };
}

/// Implementations for servers only.
#[cfg(feature = "server")]
#[doc(hidden)]
#[macro_export]
macro_rules! of_servers {
    ($($items:tt)*) => { $($items)* };
}

/// Omits the implementations for servers, without the feature `server`.
#[cfg(not(feature = "server"))]
#[doc(hidden)]
#[macro_export]
macro_rules! of_servers {
    ($($items:tt)*) => {};
}

/// Conversions between a type and its text on the wire.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_text_wire {
    ($name:ident) => {
        $crate::__private::of_servers! {
            impl $crate::__private::FromMember for $name {
                fn from_value(
                    value: &$crate::__private::serde_json::Value,
                    place: &mut $crate::__private::Place<'_>,
                ) -> ::std::option::Option<Self> {
                    match value.as_str() {
                        ::std::option::Option::Some(text) => {
                            ::std::option::Option::Some(<Self as $crate::__private::Text>::from_text(text))
                        }
                        ::std::option::Option::None if value.is_array() => place.refuse("one text, not several"),
                        ::std::option::Option::None => place.refuse("a text"),
                    }
                }
            }
        }

        impl $crate::__private::Lenient for $name {
            fn target(value: &mut ::std::option::Option<Self>) -> $crate::__private::Target<'_> {
                $crate::__private::Target::Text(value)
            }
        }

        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

/// Implementations for an open enumeration of texts.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_text_enum {
    ($name:ident) => {
        $crate::__private::impl_text_wire!($name);

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

/// Implementations for a closed enumeration of texts.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_closed_enum {
    ($name:ident) => {
        $crate::__private::of_servers! {
            impl $crate::__private::FromMember for $name {
                fn from_value(
                    value: &$crate::__private::serde_json::Value,
                    place: &mut $crate::__private::Place<'_>,
                ) -> ::std::option::Option<Self> {
                    match Self::KNOWN.iter().find(|known| value.as_str() == ::std::option::Option::Some(known.as_str())) {
                        ::std::option::Option::Some(known) => ::std::option::Option::Some(*known),
                        ::std::option::Option::None if value.is_array() => place.refuse("one value, not several"),
                        ::std::option::Option::None => place.refuse(::std::concat!("a known ", ::std::stringify!($name))),
                    }
                }
            }
        }

        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

/// Implementations for a closed enumeration coded as integers.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_closed_number_enum {
    ($name:ident) => {
        $crate::__private::impl_number_wire!($name);

        $crate::__private::of_servers! {
            impl $crate::__private::FromMember for $name {
                fn from_value(
                    value: &$crate::__private::serde_json::Value,
                    place: &mut $crate::__private::Place<'_>,
                ) -> ::std::option::Option<Self> {
                    let number = <i64 as $crate::__private::FromMember>::from_value(value, place)?;
                    match Self::KNOWN.iter().find(|known| known.code() == number) {
                        ::std::option::Option::Some(known) => ::std::option::Option::Some(*known),
                        ::std::option::Option::None => place.refuse(::std::concat!("a known ", ::std::stringify!($name))),
                    }
                }
            }
        }
    };
}

/// Serialization of an enumeration coded as integers.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_number_wire {
    ($name:ident) => {
        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_i64(self.code())
            }
        }
    };
}

/// Implementations for an open enumeration coded as integers.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_number_enum {
    ($name:ident) => {
        $crate::__private::of_servers! {
            impl $crate::__private::FromMember for $name {
                fn from_value(
                    value: &$crate::__private::serde_json::Value,
                    place: &mut $crate::__private::Place<'_>,
                ) -> ::std::option::Option<Self> {
                    <i64 as $crate::__private::FromMember>::from_value(value, place).map(<Self as $crate::__private::Number>::from_number)
                }
            }
        }

        $crate::__private::impl_number_wire!($name);

        impl $crate::__private::Lenient for $name {
            fn target(value: &mut ::std::option::Option<Self>) -> $crate::__private::Target<'_> {
                $crate::__private::Target::Number(value)
            }
        }
    };
}

/// Implementations for a struct with members on the wire.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_object {
    ($name:ident) => {
        impl $crate::__private::Lenient for $name {
            fn target(value: &mut ::std::option::Option<Self>) -> $crate::__private::Target<'_> {
                $crate::__private::Target::Object(value)
            }
        }

        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                $crate::__private::serialize_members(self, serializer)
            }
        }
    };
}

/// Implementations for a date-time with its own notation.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_moment {
    ($name:ident, $read:expr, $write:expr, $as_number:literal) => {
        $crate::__private::impl_notation!($name, $crate::__private::OffsetDateTime, $read, $write, $as_number);
    };
}

/// Implementations for a date with its own notation.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_day {
    ($name:ident) => {
        $crate::__private::impl_notation!(
            $name,
            $crate::__private::CalendarDate,
            |text: &str| Self::FORMAT.parse_date(text).ok(),
            |value| Self::FORMAT.write_date(value),
            false
        );
    };
}

/// Implementations for date-times and dates with their own notations. `$read` parses a text, and `$write` formats a
/// value, as a JSON number if `$as_number` is `true`.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_notation {
    ($name:ident, $value:ty, $read:expr, $write:expr, $as_number:literal) => {
        impl $name {
            /// Creates it from a date or a date-time.
            pub fn new(value: $value) -> Self {
                Self(value)
            }

            /// Returns the date or the date-time.
            pub fn get(self) -> $value {
                self.0
            }

            fn read(text: &str) -> ::std::option::Option<Self> {
                let read: fn(&str) -> ::std::option::Option<$value> = $read;
                read(text).map(Self)
            }
        }

        impl ::std::convert::From<$value> for $name {
            fn from(value: $value) -> Self {
                Self(value)
            }
        }

        impl ::std::convert::From<$name> for $value {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::__private::ParseMomentError;

            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> {
                Self::read(text).ok_or($crate::__private::ParseMomentError)
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                let write: fn($value) -> ::std::string::String = $write;
                f.write_str(&write(self.0))
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(self, f)
            }
        }

        impl $crate::__private::Notation for $name {
            fn from_notation(text: &str) -> ::std::option::Option<Self> {
                Self::read(text)
            }
        }

        impl $crate::__private::Lenient for $name {
            fn target(value: &mut ::std::option::Option<Self>) -> $crate::__private::Target<'_> {
                $crate::__private::notation_target(value)
            }
        }

        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                let text = ::std::string::ToString::to_string(self);
                match text.parse::<i64>() {
                    ::std::result::Result::Ok(number) if $as_number => serializer.serialize_i64(number),
                    _ => serializer.serialize_str(&text),
                }
            }
        }

        $crate::__private::of_servers! {
            impl $crate::__private::FromMember for $name {
                fn from_value(
                    value: &$crate::__private::serde_json::Value,
                    place: &mut $crate::__private::Place<'_>,
                ) -> ::std::option::Option<Self> {
                    let text = match value {
                        $crate::__private::serde_json::Value::Number(number) => ::std::string::ToString::to_string(number),
                        other => other.as_str().map(::std::borrow::ToOwned::to_owned).unwrap_or_default(),
                    };
                    match Self::read(&text) {
                        ::std::option::Option::Some(value) => ::std::option::Option::Some(value),
                        ::std::option::Option::None => place.refuse(Self::NOTATION),
                    }
                }
            }
        }
    };
}
