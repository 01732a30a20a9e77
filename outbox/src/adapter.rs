//! Adapter for sqlx, with SQLite and PostgreSQL.

/// Implements [`Database`](crate::Database) for a connection pool of sqlx.
macro_rules! adapter {
    ($name:ident, $driver:ident, $connection:ident, $pool:ident, $dialect:ident, $problem:path, $begin:expr) => {
        impl $name {
            /// Creates the database of an outbox from a connection pool.
            pub fn new(pool: sqlx::$pool) -> Self {
                Self { pool }
            }

            /// Returns the pool.
            pub fn pool(&self) -> &sqlx::$pool {
                &self.pool
            }
        }

        impl crate::database::Database for $name {
            type Connection = sqlx::$connection;
            type Transaction = sqlx::Transaction<'static, sqlx::$driver>;
            const DIALECT: Dialect = Dialect::$dialect;

            async fn begin(&self) -> Result<Self::Transaction, DatabaseError> {
                $begin(&self.pool).await.map_err(understood)
            }

            async fn begin_reading(&self) -> Result<Self::Transaction, DatabaseError> {
                self.pool.begin().await.map_err(understood)
            }

            fn connection(transaction: &mut Self::Transaction) -> &mut Self::Connection {
                &mut *transaction
            }

            async fn commit(transaction: Self::Transaction) -> Result<(), DatabaseError> {
                transaction.commit().await.map_err(understood)
            }

            async fn execute(
                connection: &mut Self::Connection,
                sql: &str,
                values: &[Value],
            ) -> Result<u64, DatabaseError> {
                let done = bound(sql, values).execute(connection).await.map_err(understood)?;
                Ok(done.rows_affected())
            }

            async fn fetch(
                connection: &mut Self::Connection,
                sql: &str,
                values: &[Value],
                columns: &[Column],
            ) -> Result<Vec<Vec<Value>>, DatabaseError> {
                let rows = bound(sql, values).fetch_all(connection).await.map_err(understood)?;
                let value = |row, (at, column): (usize, &Column)| {
                    Ok(match column {
                        Column::Integer => Value::Integer(sqlx::Row::try_get(row, at)?),
                        Column::Text => Value::Text(sqlx::Row::try_get(row, at)?),
                        Column::Bytes => Value::Bytes(sqlx::Row::try_get(row, at)?),
                    })
                };
                let read = |row| columns.iter().enumerate().map(|column| value(row, column)).collect();
                rows.iter().map(read).collect::<Result<_, sqlx::Error>>().map_err(understood)
            }
        }

        type Query<'q> = sqlx::query::Query<'q, sqlx::$driver, <sqlx::$driver as sqlx::Database>::Arguments>;

        /// Creates a query with its values as parameters. The caller is responsible for the SQL text. This crate puts
        /// no value of a request into an SQL text.
        fn bound<'q>(sql: &str, values: &[Value]) -> Query<'q> {
            let mut query = sqlx::query(sqlx::AssertSqlSafe(sql.to_owned()));
            for value in values {
                query = match value {
                    Value::Integer(value) => query.bind(*value),
                    Value::Text(value) => query.bind(value.clone()),
                    Value::Bytes(value) => query.bind(value.clone()),
                };
            }
            query
        }

        /// Converts an error to its kind and message. The result contains no values of a row, although the error may
        /// contain them.
        fn understood(error: sqlx::Error) -> DatabaseError {
            match &error {
                sqlx::Error::Database(own) => DatabaseError::new($problem(&**own), own.message()),
                sqlx::Error::ColumnDecode { index, .. } => {
                    DatabaseError::new(Problem::Content, format!("column {index} of a row"))
                }
                sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::BeginFailed
                | sqlx::Error::WorkerCrashed => DatabaseError::new(Problem::Connection, error.to_string()),
                _ => DatabaseError::new(Problem::Other, error.to_string()),
            }
        }
    };
}

pub(crate) use adapter;
