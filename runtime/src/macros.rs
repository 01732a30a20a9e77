//! Trait implementations that generated types of the same kind share.
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

/// Implementations for a string newtype with a secret. The secret is never shown, and is overwritten when it is
/// dropped.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_secret_text {
    ($name:ident) => {
        $crate::__private::impl_held_text!($name);
        $crate::__private::impl_text_wire!($name);
    };
}

/// Implementations for a secret that no message contains. The type has no `Serialize`, so that it cannot be sent by
/// accident.
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

/// Keeps the items that only servers need.
#[cfg(feature = "server")]
#[doc(hidden)]
#[macro_export]
macro_rules! of_servers {
    ($($items:tt)*) => { $($items)* };
}

/// Removes the items that only servers need, because the feature `server` is off.
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
                const IS_ANY_TEXT: bool = true;

                fn from_value(
                    value: &$crate::__private::Json,
                    place: &mut $crate::__private::Place<'_>,
                ) -> ::std::option::Option<Self> {
                    match value.as_str() {
                        ::std::option::Option::Some(text) => {
                            ::std::option::Option::Some(<Self as $crate::__private::Text>::from_text(text))
                        }
                        ::std::option::Option::None if value.is_list() => place.refuse("one text, not several"),
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
                    value: &$crate::__private::Json,
                    place: &mut $crate::__private::Place<'_>,
                ) -> ::std::option::Option<Self> {
                    match Self::KNOWN.iter().find(|known| value.as_str() == ::std::option::Option::Some(known.as_str())) {
                        ::std::option::Option::Some(known) => ::std::option::Option::Some(*known),
                        ::std::option::Option::None if value.is_list() => place.refuse("one value, not several"),
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
                    value: &$crate::__private::Json,
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
                    value: &$crate::__private::Json,
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

/// Implementations for a struct that is an object on the wire.
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

/// Implementations for a date and time with its own notation.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_moment {
    ($name:ident) => {
        $crate::__private::impl_notation!(
            $name,
            $crate::__private::OffsetDateTime,
            parse_moment,
            read_moment,
            write_moment
        );

        impl $name {
            /// Creates a date and time in the zone of the notation, or in UTC if the notation has no zone. Returns
            /// `None` if there is no such date or time.
            pub fn new(year: u16, month: u8, day: u8, hour: u8, minute: u8, second: u8) -> ::std::option::Option<Self> {
                let offset = Self::FORMAT.offset;
                $crate::__private::OffsetDateTime::new(year, month, day, hour, minute, second, offset).map(Self::from)
            }

            /// Returns the current time of this machine's clock.
            #[allow(clippy::disallowed_methods, reason = "the caller asks for this clock")]
            pub fn now() -> Self {
                Self::from(::std::time::SystemTime::now())
            }

            /// Converts from seconds since 1970-01-01 00:00:00 UTC. Saturates at the first and last moment of the years
            /// 0 to 9999.
            pub fn from_unix_seconds(seconds: i64) -> Self {
                Self(Self::FORMAT.at_unix_seconds(seconds))
            }

            /// Returns the number of seconds since 1970-01-01 00:00:00 UTC.
            pub fn unix_seconds(self) -> i64 {
                self.0.unix_seconds()
            }

            /// Converts to a `SystemTime`.
            pub fn to_system_time(self) -> ::std::time::SystemTime {
                self.0.to_system_time()
            }

            /// Adds minutes, or subtracts them if the number is negative. Saturates at the first and last moment of the
            /// years 0 to 9999.
            #[must_use]
            pub fn plus_minutes(self, minutes: i64) -> Self {
                Self(self.0.plus_minutes(minutes))
            }

            /// Returns the year.
            pub fn year(self) -> u16 {
                self.0.year()
            }

            /// Returns the month, 1 to 12.
            pub fn month(self) -> u8 {
                self.0.month()
            }

            /// Returns the day of the month, starting at 1.
            pub fn day(self) -> u8 {
                self.0.day()
            }

            /// Returns the hour, 0 to 23.
            pub fn hour(self) -> u8 {
                self.0.hour()
            }

            /// Returns the minute, 0 to 59.
            pub fn minute(self) -> u8 {
                self.0.minute()
            }

            /// Returns the second, 0 to 59.
            pub fn second(self) -> u8 {
                self.0.second()
            }

            /// Returns the fraction of the second, in nanoseconds.
            pub fn nanosecond(self) -> u32 {
                self.0.nanosecond()
            }
        }

        /// Drops the parts that the notation does not have, such as fractions of a second.
        impl ::std::convert::From<$crate::__private::OffsetDateTime> for $name {
            fn from(moment: $crate::__private::OffsetDateTime) -> Self {
                Self(Self::FORMAT.fit(moment))
            }
        }

        /// Drops the parts that the notation does not have, such as fractions of a second.
        impl ::std::convert::From<::std::time::SystemTime> for $name {
            fn from(time: ::std::time::SystemTime) -> Self {
                Self::from($crate::__private::OffsetDateTime::from(time))
            }
        }

        impl ::std::convert::From<$name> for ::std::time::SystemTime {
            fn from(time: $name) -> Self {
                time.0.to_system_time()
            }
        }
    };
}

/// Implementations for a date with its own notation.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_day {
    ($name:ident) => {
        $crate::__private::impl_notation!($name, $crate::__private::CalendarDate, parse_date, read_date, write_date);

        impl $name {
            /// Creates a day. Returns `None` if there is no such day.
            pub fn new(year: u16, month: u8, day: u8) -> ::std::option::Option<Self> {
                $crate::__private::CalendarDate::new(year, month, day).map(Self)
            }

            /// Returns the year.
            pub fn year(self) -> u16 {
                self.0.year()
            }

            /// Returns the month, 1 to 12.
            pub fn month(self) -> u8 {
                self.0.month()
            }

            /// Returns the day of the month, starting at 1.
            pub fn day(self) -> u8 {
                self.0.day()
            }
        }

        impl ::std::convert::From<$crate::__private::CalendarDate> for $name {
            fn from(day: $crate::__private::CalendarDate) -> Self {
                Self(day)
            }
        }
    };
}

/// Implementations for moments and days with their own notation. `$parse` accepts exactly the notation of `FORMAT`,
/// `$read` also accepts other unambiguous notations, and `$write` writes the value.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_notation {
    ($name:ident, $value:ty, $parse:ident, $read:ident, $write:ident) => {
        impl $name {
            /// Parses a text from the service. The text may have this notation, or another unambiguous one.
            ///
            /// # Errors
            ///
            /// Returns an error if the text has any other notation.
            pub fn parse(text: &str) -> ::std::result::Result<Self, $crate::__private::ParseMomentError> {
                Self::FORMAT.$read(text).map(Self)
            }

            /// Returns the underlying value, which has no notation of its own.
            pub fn get(self) -> $value {
                self.0
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
                Self::parse(text)
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                Self::FORMAT.$write(self.0, f)
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(self, f)
            }
        }

        impl $crate::__private::Notation for $name {
            fn from_notation(text: &str) -> ::std::option::Option<Self> {
                Self::parse(text).ok()
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
                if !Self::FORMAT.is_number() {
                    return serializer.collect_str(self);
                }
                match ::std::string::ToString::to_string(self).parse::<i64>() {
                    ::std::result::Result::Ok(number) => serializer.serialize_i64(number),
                    ::std::result::Result::Err(_) => serializer.collect_str(self),
                }
            }
        }

        $crate::__private::of_servers! {
            impl $crate::__private::FromMember for $name {
                fn from_value(
                    value: &$crate::__private::Json,
                    place: &mut $crate::__private::Place<'_>,
                ) -> ::std::option::Option<Self> {
                    let text = match value {
                        $crate::__private::Json::Number(text) | $crate::__private::Json::Text(text) => text.as_str(),
                        _ => "",
                    };
                    match Self::FORMAT.$parse(text) {
                        ::std::result::Result::Ok(value) => ::std::option::Option::Some(Self(value)),
                        ::std::result::Result::Err(_) => place.refuse(Self::NOTATION),
                    }
                }
            }
        }
    };
}
