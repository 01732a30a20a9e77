//! Determines the meaning of table columns by their heads, or else by their cells.

use crate::block::TableRow;
use crate::row;
use crate::words::{self, Column};

/// A table, and the meaning of its columns.
pub(crate) struct Table<'a> {
    /// Meaning of each column, or `None` if it is unknown.
    pub columns: Vec<Option<Column>>,
    /// All rows, including the column heads.
    pub all: &'a [TableRow],
    /// Rows below the column heads.
    pub rows: &'a [TableRow],
}

impl<'a> Table<'a> {
    pub(crate) fn of(all: &'a [TableRow]) -> Self {
        let mut used = 0;
        let mut columns: Vec<Option<Column>> = Vec::new();
        for (n, row) in all.iter().enumerate().take(3) {
            // Column heads may take up several rows if the notation marks all of these rows as heads.
            if n > 0 && !(row.head && all[n - 1].head) {
                break;
            }
            let cells: Vec<String> = row.cells.iter().map(|cell| cell.text.clone()).collect();
            // If all rows are marked as heads, the marks are ignored.
            let marked = row.head && !all.iter().all(|row| row.head);
            let Some(found) = words::heads(&cells, marked) else { break };
            used = n + 1;
            columns.resize(columns.len().max(found.len()), None);
            for (column, found) in columns.iter_mut().zip(found) {
                *column = found.or(*column);
            }
        }
        let rows = &all[used..];
        Self::select_and_complete(&mut columns, rows);
        Table { columns, all, rows }
    }

    /// Chooses the column of names if several columns may contain names. Determines the meaning of columns without a
    /// head by their cells.
    fn select_and_complete(columns: &mut Vec<Option<Column>>, rows: &[TableRow]) {
        let width = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        columns.resize(columns.len().max(width), None);
        let names: Vec<usize> = (0..columns.len()).filter(|n| columns[*n] == Some(Column::Name)).collect();
        if names.len() > 1 {
            let kept = names.iter().copied().find(|n| row::are_names(rows, *n)).unwrap_or(names[0]);
            for n in names.into_iter().filter(|n| *n != kept) {
                columns[n] = Some(Column::Description);
            }
        }
        let cells = |n: usize| {
            rows.iter().filter_map(move |row| Some(row.cells.get(n)?.line())).filter(|cell| !cell.is_empty())
        };
        let most = |n: usize, fits: &dyn Fn(&str) -> bool| {
            let all = cells(n).count();
            all > 0 && cells(n).filter(|cell| fits(cell)).count() * 3 >= all * 2
        };
        let shape = |cell: &str| words::shape(cell).is_some();
        if !columns.contains(&Some(Column::Name)) {
            // Without column heads, the first column counts as the column of names if its cells look like names and
            // another column contains types.
            let typed = (1..columns.len()).find(|n| columns[*n].is_none_or(|c| c == Column::Type) && most(*n, &shape));
            let camel = |cell: &str| {
                row::name_of(cell).is_some_and(|(name, _)| name.starts_with(|c: char| c.is_ascii_lowercase()))
            };
            if let Some(typed) = typed.filter(|_| columns[0].is_none() && most(0, &camel)) {
                columns[0] = Some(Column::Name);
                columns[typed] = Some(Column::Type);
            }
        }
        if columns.contains(&Some(Column::Name)) {
            for n in 0..columns.len() {
                if columns[n].is_some() {
                    continue;
                }
                let lacks = |of: Column, columns: &[Option<Column>]| !columns.contains(&Some(of));
                let digits = |cell: &str| {
                    cell.bytes().all(|b| b.is_ascii_digit()) || words::limit(cell).is_some() || cell == "-"
                };
                columns[n] = Some(if lacks(Column::Type, columns) && most(n, &shape) {
                    Column::Type
                } else if lacks(Column::Required, columns)
                    && most(n, &|cell| words::requirement(cell).is_some())
                    && cells(n).count() * 2 >= rows.len()
                {
                    Column::Required
                } else if lacks(Column::Rules, columns) && most(n, &digits) {
                    Column::Rules
                } else {
                    Column::Description
                });
            }
        }
    }

    /// Returns the index of the first column with this meaning.
    pub(crate) fn position(&self, of: Column) -> Option<usize> {
        self.columns.iter().position(|column| *column == Some(of))
    }

    /// Returns `true` if the rows of the table are about fields.
    pub(crate) fn is_of_fields(&self) -> bool {
        let has = |of| self.columns.contains(&Some(of));
        let name = self.position(Column::Name);
        let other = has(Column::Type) || has(Column::Description) || has(Column::Required) || has(Column::Rules);
        name.is_some_and(|name| other && row::are_names(self.rows, name))
    }
}
