//! Documentation of an invented API in many notations, in English and in Korean. An audit has to read the same facts
//! from all of them.

use std::fmt::Write as _;

/// Types of fields.
pub const TYPES: [&str; 5] = ["string", "integer", "boolean", "object", "list"];

/// Field of a request or reply.
#[derive(Debug, Clone)]
pub struct Field {
    /// Name of the field.
    pub name: String,
    /// Type of the field, which is one of [`TYPES`].
    pub of: &'static str,
    /// Set if the field is mandatory.
    pub mandatory: bool,
    /// Largest length, if it is limited.
    pub max: Option<u32>,
    /// Possible values, each with its label.
    pub values: Vec<(String, String)>,
    /// Description of the field.
    pub text: String,
}

/// Operation of the API.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Heading of the operation.
    pub heading: String,
    /// HTTP method.
    pub method: &'static str,
    /// Path of the URL.
    pub path: String,
    /// Fields of the request.
    pub request: Vec<Field>,
    /// Fields of the reply.
    pub reply: Vec<Field>,
}

/// Words that documentation in one language uses.
#[derive(Debug)]
pub struct Words {
    /// Names of the types, in the order of [`TYPES`].
    types: [&'static str; 5],
    mandatory: &'static str,
    optional: &'static str,
    heads: [&'static str; 5],
    parts: [&'static str; 3],
    limit: fn(u32) -> String,
    headings: [&'static str; 6],
    sentences: [&'static str; 4],
    labels: [&'static str; 3],
}

/// English words.
pub const ENGLISH: Words = Words {
    types: TYPES,
    mandatory: "required",
    optional: "optional",
    heads: ["Name", "Type", "Required", "Length", "Description"],
    parts: ["Endpoint", "Request parameters", "Response"],
    limit: |max| format!("max {max} characters"),
    headings: ["Book a seat", "Cancel a booking", "Find bookings", "Change a seat", "Print a ticket", "Open a gate"],
    sentences: ["What the traveler booked.", "Written on the ticket.", "Given by the shop.", "Shown at the gate."],
    labels: ["One way", "There and back", "All day"],
};

/// Korean words.
pub const KOREAN: Words = Words {
    types: ["문자열", "숫자", "불리언", "객체", "배열"],
    mandatory: "필수",
    optional: "선택",
    heads: ["파라미터", "타입", "필수 여부", "길이", "설명"],
    parts: ["엔드포인트", "요청 파라미터", "응답 명세"],
    limit: |max| format!("최대 {max}자"),
    headings: ["좌석 예약", "예약 취소하기", "예약 조회", "좌석 변경", "승차권 출력", "개찰구 열기"],
    sentences: [
        "여행자가 예약한 내용입니다.",
        "승차권에 표시됩니다.",
        "상점에서 부여합니다.",
        "개찰구에서 확인합니다.",
    ],
    labels: ["편도", "왕복", "하루"],
};

/// Pseudo-random numbers, which are the same for the same seed.
pub struct Random(pub u64);

impl Random {
    /// Returns a number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}

/// Returns two operations with random fields.
pub fn operations(random: &mut Random, words: &Words) -> Vec<Operation> {
    let names = [
        "seatNo",
        "travelerName",
        "fareClass",
        "gateId",
        "validUntil",
        "petAllowed",
        "discountCode",
        "segmentCount",
        "windowSide",
        "payloadHash",
    ];
    let start = random.below(words.headings.len());
    (0..2)
        .map(|n| {
            let mut fields = |count: usize, skip: usize| -> Vec<Field> {
                (0..count).map(|m| field(random, words, names[(skip + m * 3) % names.len()])).collect()
            };
            let (request, reply) = (fields(4, n), fields(3, n + 1));
            Operation {
                heading: words.headings[(start + n) % words.headings.len()].to_owned(),
                method: ["POST", "GET", "PUT", "DELETE"][(start + n) % 4],
                path: format!("/v{}/bookings/{n}", 1 + n),
                request,
                reply,
            }
        })
        .collect()
}

fn field(random: &mut Random, words: &Words, name: &str) -> Field {
    let of = TYPES[random.below(5)];
    let values = if of == "string" && random.below(2) == 0 {
        ["ONE_WAY", "RETURN_TRIP", "DAY_PASS"]
            .iter()
            .zip(words.labels)
            .take(2 + random.below(2))
            .map(|(value, label)| ((*value).to_owned(), label.to_owned()))
            .collect()
    } else {
        Vec::new()
    };
    let limited = matches!(of, "string" | "integer") && random.below(3) > 0;
    Field {
        name: name.to_owned(),
        of,
        mandatory: random.below(2) == 0,
        max: limited.then(|| [7, 20, 36, 100, 255][random.below(5)]),
        values,
        text: words.sentences[random.below(4)].to_owned(),
    }
}

/// Returns the facts that an audit has to read, sorted.
pub fn facts(operations: &[Operation]) -> Vec<String> {
    let mut found = Vec::new();
    for of in operations {
        let name = format!("{} {}", of.method, of.path);
        found.push(format!("{name}: request {name}"));
        for (part, fields) in [("request", &of.request), ("reply", &of.reply)] {
            for field in fields {
                let about = format!("{name}.{part}.{}", field.name);
                let of = match field.of {
                    "string" => "text",
                    "integer" => "number",
                    other => other,
                };
                found.push(format!("{about}: row {}", field.name));
                found.push(format!("{about}: type {of}"));
                found.push(format!("{about}: requirement {}", if field.mandatory { "mandatory" } else { "optional" }));
                found.extend(field.max.map(|max| format!("{about}: limit {max}")));
                found.extend(field.values.iter().map(|(value, _)| format!("{about}: value {value}")));
            }
        }
    }
    found.sort();
    found
}

/// A notation: its name, the name of a file in this notation, and the function that writes the documentation.
pub type Notation = (&'static str, &'static str, fn(&[Operation], &Words) -> String);

/// All notations.
pub const NOTATIONS: [Notation; 20] = [
    ("`div` elements with spans", "page.html", divisions),
    ("`div` elements without blanks", "page.html", tight_divisions),
    ("tables", "page.html", tables),
    ("tables with nested tables", "page.html", nested_tables),
    ("tables with row spans", "page.html", row_spans),
    ("tables with the length in the type column", "page.html", typed_tables),
    ("tables with letters for the requirement", "page.html", lettered_tables),
    ("tables with symbols for the requirement", "page.html", circled_tables),
    ("tables with stars at mandatory fields", "page.html", starred_tables),
    ("definition lists", "page.html", definitions),
    ("rows of `div` elements", "page.html", laid_out),
    ("`div` elements with ARIA roles", "page.html", roles),
    ("lists", "page.html", lists),
    ("Markdown tables", "page.md", markdown_tables),
    ("Markdown with HTML tables", "page.md", markdown_html),
    ("Markdown lists in bold", "page.md", markdown_lists),
    ("Markdown lines with bars", "page.md", markdown_bars),
    ("running text", "page.txt", running_text),
    ("text with tabs", "page.txt", tabs),
    ("text from a PDF", "page.txt", pdf),
];

impl Words {
    fn of(&self, of: &str) -> &'static str {
        TYPES.iter().position(|known| *known == of).map_or("", |n| self.types[n])
    }

    fn requirement(&self, field: &Field) -> &'static str {
        if field.mandatory { self.mandatory } else { self.optional }
    }

    fn limit(&self, field: &Field) -> String {
        field.max.map(self.limit).unwrap_or_default()
    }
}

/// Writes an HTML page. `request` writes the method and path of an operation, and `part` writes the fields of a request
/// or reply.
fn html(
    all: &[Operation],
    words: &Words,
    request: fn(&Operation) -> String,
    part: &dyn Fn(&[Field]) -> String,
) -> String {
    let mut out = String::from("<!doctype html><html><head><meta charset=utf-8><title>API</title></head><body>\n");
    for of in all {
        let _ = writeln!(out, "<h2>{}</h2>\n<p>{}</p>", of.heading, words.sentences[0]);
        let _ = writeln!(out, "<h3>{}</h3>\n{}", words.parts[0], request(of));
        for (title, fields) in [(words.parts[1], &of.request), (words.parts[2], &of.reply)] {
            let _ = writeln!(out, "<h3>{title}</h3>\n{}", part(fields));
        }
    }
    out + "</body></html>\n"
}

fn in_code(of: &Operation) -> String {
    format!("<pre><code>{} {}</code></pre>", of.method, of.path)
}

fn in_lines(of: &Operation) -> String {
    format!("<div><div>({})</div><div>{}</div></div>", of.method, of.path)
}

fn list_of_values(field: &Field) -> String {
    if field.values.is_empty() {
        return String::new();
    }
    let items: String = field.values.iter().map(|(value, label)| format!("<li>{value}: {label}</li>")).collect();
    format!("<ul>{items}</ul>")
}

fn table_of_values(field: &Field) -> String {
    if field.values.is_empty() {
        return String::new();
    }
    let rows: String =
        field.values.iter().map(|(value, label)| format!("<tr><td>{value}</td><td>{label}</td></tr>")).collect();
    format!("<table>{rows}</table>")
}

fn divisions(all: &[Operation], words: &Words) -> String {
    html(all, words, in_lines, &|fields| {
        let row = |field: &Field| {
            let limit = field.max.map(|max| format!("<span>Max Length: {max}</span>")).unwrap_or_default();
            let must = if field.mandatory { words.mandatory } else { "" };
            format!(
                "<div class=f><div class=k>{} <span>{} <em>{must}</em></span> {limit}</div><div class=d>{}<br>{}</div></div>\n",
                field.name,
                words.of(field.of),
                field.text,
                table_of_values(field)
            )
        };
        fields.iter().map(row).collect()
    })
}

fn tight_divisions(all: &[Operation], words: &Words) -> String {
    html(all, words, in_code, &|fields| {
        let row = |field: &Field| {
            let limit = field.max.map(|max| format!("<span>{}</span>", (words.limit)(max))).unwrap_or_default();
            let must = if field.mandatory { format!("<span>{}</span>", words.mandatory) } else { String::new() };
            format!(
                "<div><p><span>{}</span><span>{}</span>{must}{limit}</p><p>{}</p>{}</div>\n",
                field.name,
                words.of(field.of),
                field.text,
                list_of_values(field)
            )
        };
        fields.iter().map(row).collect()
    })
}

/// Writes an HTML table with a row for each field. `cells` returns the cells of a row.
fn table(fields: &[Field], heads: &[&str], cells: &dyn Fn(&Field) -> Vec<String>) -> String {
    let heads: String = heads.iter().map(|head| format!("<th>{head}</th>")).collect();
    let row = |field: &Field| {
        format!("<tr>{}</tr>\n", cells(field).iter().map(|cell| format!("<td>{cell}</td>")).collect::<String>())
    };
    let rows: String = fields.iter().map(row).collect();
    format!("<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>")
}

fn plain_cells(words: &Words, field: &Field) -> Vec<String> {
    let max = field.max.map(|max| max.to_string()).unwrap_or_default();
    vec![field.name.clone(), words.of(field.of).into(), words.requirement(field).into(), max, field.text.clone()]
}

fn tables(all: &[Operation], words: &Words) -> String {
    html(all, words, in_code, &|fields| {
        table(fields, &words.heads, &|field| {
            let mut cells = plain_cells(words, field);
            cells[4] += &list_of_values(field);
            cells
        })
    })
}

fn nested_tables(all: &[Operation], words: &Words) -> String {
    html(all, words, in_lines, &|fields| {
        table(fields, &words.heads, &|field| {
            let mut cells = plain_cells(words, field);
            cells[0] = format!("<code>{}</code>", field.name);
            cells[4] += &table_of_values(field);
            cells
        })
    })
}

/// Writes each value of a field in a separate row. The cells with the name and the attributes of the field span these
/// rows.
fn row_spans(all: &[Operation], words: &Words) -> String {
    html(all, words, in_code, &|fields| {
        let heads: String = words.heads.iter().map(|head| format!("<th>{head}")).collect();
        let mut rows = format!("<tr>{heads}");
        for field in fields {
            let span = field.values.len() + 1;
            let cells = plain_cells(words, field);
            let (last, first) = cells.split_last().map_or(("", &cells[..]), |(last, first)| (last.as_str(), first));
            let spanned: String = first.iter().map(|cell| format!("<td rowspan={span}>{cell}")).collect();
            let _ = write!(rows, "<tr>{spanned}<td>{last}");
            for (value, label) in &field.values {
                let _ = write!(rows, "<tr><td>{value}: {label}");
            }
        }
        format!("<table>{rows}</table>")
    })
}

fn typed_tables(all: &[Operation], words: &Words) -> String {
    html(all, words, in_code, &|fields| {
        let heads = [words.heads[0], words.heads[1], words.heads[2], words.heads[4]];
        table(fields, &heads, &|field| {
            let cells = plain_cells(words, field);
            let of = field.max.map_or(cells[1].clone(), |max| format!("{}({max})", cells[1]));
            vec![cells[0].clone(), of, cells[2].clone(), format!("{}{}", cells[4], list_of_values(field))]
        })
    })
}

fn with_marks(all: &[Operation], words: &Words, marks: [&'static str; 2]) -> String {
    html(all, words, in_code, &|fields| {
        table(fields, &words.heads, &|field| {
            let mut cells = plain_cells(words, field);
            cells[2] = marks[usize::from(!field.mandatory)].into();
            cells[3] = words.limit(field);
            cells[4] += &list_of_values(field);
            cells
        })
    })
}

fn lettered_tables(all: &[Operation], words: &Words) -> String {
    if words.mandatory == "필수" { with_marks(all, words, ["O", "X"]) } else { with_marks(all, words, ["Y", "N"]) }
}

fn circled_tables(all: &[Operation], words: &Words) -> String {
    if words.mandatory == "필수" { with_marks(all, words, ["●", ""]) } else { with_marks(all, words, ["✓", "-"]) }
}

fn starred_tables(all: &[Operation], words: &Words) -> String {
    html(all, words, in_code, &|fields| {
        let heads = [words.heads[0], words.heads[1], words.heads[3], words.heads[4]];
        table(fields, &heads, &|field| {
            let cells = plain_cells(words, field);
            let star = if field.mandatory { "<sup>*</sup>".to_owned() } else { format!("<br>({})", words.optional) };
            vec![
                format!("{}{star}", cells[0]),
                cells[1].clone(),
                cells[3].clone(),
                format!("{}{}", cells[4], list_of_values(field)),
            ]
        })
    })
}

fn attributes(words: &Words, field: &Field) -> String {
    let limit = field.max.map(|max| format!(", {}", (words.limit)(max))).unwrap_or_default();
    format!("{}, {}{limit}", words.of(field.of), words.requirement(field))
}

fn definitions(all: &[Operation], words: &Words) -> String {
    html(all, words, in_code, &|fields| {
        let row = |field: &Field| {
            format!(
                "<dt>{} <span>{}</span></dt>\n<dd>{}{}</dd>\n",
                field.name,
                attributes(words, field),
                field.text,
                list_of_values(field)
            )
        };
        format!("<dl>{}</dl>", fields.iter().map(row).collect::<String>())
    })
}

fn laid_out(all: &[Operation], words: &Words) -> String {
    html(all, words, in_code, &|fields| {
        let cells =
            |cells: &[String]| cells.iter().map(|cell| format!("<div class=c>{cell}</div>")).collect::<String>();
        let heads: Vec<String> = words.heads.iter().map(|head| (*head).to_owned()).collect();
        let mut out = format!("<div class=grid><div class=r>{}</div>\n", cells(&heads));
        for field in fields {
            let mut of = plain_cells(words, field);
            of[4] += &list_of_values(field);
            let _ = writeln!(out, "<div class=r>{}</div>", cells(&of));
        }
        out + "</div>"
    })
}

fn roles(all: &[Operation], words: &Words) -> String {
    html(all, words, in_code, &|fields| {
        let cells =
            |cells: &[String]| cells.iter().map(|cell| format!("<span role=cell>{cell}</span>")).collect::<String>();
        let heads: Vec<String> = words.heads.iter().map(|head| (*head).to_owned()).collect();
        let mut out = format!(
            "<div role=table><div role=rowgroup><div role=row>{}</div></div><div role=rowgroup>",
            cells(&heads)
        );
        for field in fields {
            let mut of = plain_cells(words, field);
            of[4] += &list_of_values(field);
            let _ = writeln!(out, "<div role=row>{}</div>", cells(&of));
        }
        out + "</div></div>"
    })
}

fn lists(all: &[Operation], words: &Words) -> String {
    html(all, words, in_code, &|fields| {
        let row = |field: &Field| {
            format!(
                "<li><strong>{}</strong> <em>({})</em> – {}{}</li>\n",
                field.name,
                attributes(words, field),
                field.text,
                list_of_values(field)
            )
        };
        format!("<ul>{}</ul>", fields.iter().map(row).collect::<String>())
    })
}

fn markdown(all: &[Operation], words: &Words, part: &dyn Fn(&[Field]) -> String) -> String {
    let mut out = String::from("# API\n\n");
    for of in all {
        let _ =
            writeln!(out, "## {}\n\n{}\n\n```http\n{} {}\n```\n", of.heading, words.sentences[0], of.method, of.path);
        for (title, fields) in [(words.parts[1], &of.request), (words.parts[2], &of.reply)] {
            let _ = writeln!(out, "### {title}\n\n{}", part(fields));
        }
    }
    out
}

fn markdown_tables(all: &[Operation], words: &Words) -> String {
    markdown(all, words, &|fields| {
        let mut out = format!("| {} |\n|---|:---:|---|---:|---|\n", words.heads.join(" | "));
        for field in fields {
            let mut cells = plain_cells(words, field);
            cells[0] = format!("`{}`", field.name);
            for (value, label) in &field.values {
                let _ = write!(cells[4], "<br>- `{value}`: {label}");
            }
            let _ = writeln!(out, "| {} |", cells.join(" | "));
        }
        out
    })
}

fn markdown_html(all: &[Operation], words: &Words) -> String {
    markdown(all, words, &|fields| {
        table(fields, &words.heads, &|field| {
            let mut cells = plain_cells(words, field);
            cells[4] += &list_of_values(field);
            cells
        }) + "\n"
    })
}

fn markdown_lists(all: &[Operation], words: &Words) -> String {
    markdown(all, words, &|fields| {
        let mut out = String::new();
        for field in fields {
            let _ = writeln!(out, "- **{}** ({}): {}", field.name, attributes(words, field), field.text);
            for (value, label) in &field.values {
                let _ = writeln!(out, "  - `{value}`: {label}");
            }
        }
        out
    })
}

fn markdown_bars(all: &[Operation], words: &Words) -> String {
    markdown(all, words, &|fields| {
        let mut out = String::new();
        for field in fields {
            let of = field.max.map_or(words.of(field.of).to_owned(), |max| format!("{}({max})", words.of(field.of)));
            let _ = writeln!(out, "`{}` | `{of}` | {} | {}\n", field.name, words.requirement(field), field.text);
            for (value, label) in &field.values {
                let _ = writeln!(out, "- `{value}`: {label}");
            }
            out.push('\n');
        }
        out
    })
}

fn text(all: &[Operation], words: &Words, part: &dyn Fn(&[Field]) -> String) -> String {
    let mut out = String::new();
    // Text that is copied from a page begins with its table of contents.
    for of in all {
        let _ = writeln!(out, "{}", of.heading);
    }
    out.push('\n');
    for of in all {
        let _ = writeln!(
            out,
            "{}\n\n{}\n\n{}\n{} {}\n",
            of.heading, words.sentences[0], words.parts[0], of.method, of.path
        );
        for (title, fields) in [(words.parts[1], &of.request), (words.parts[2], &of.reply)] {
            let _ = writeln!(out, "{title}\n\n{}", part(fields));
        }
    }
    out
}

fn running_text(all: &[Operation], words: &Words) -> String {
    text(all, words, &|fields| {
        let mut out = String::new();
        for field in fields {
            let limit = field.max.map(|max| format!(" Max Length: {max}")).unwrap_or_default();
            let must = if field.mandatory { format!(" {}", words.mandatory) } else { String::new() };
            let _ = writeln!(out, "{} {}{must}{limit}\n{}", field.name, words.of(field.of), field.text);
            for (value, label) in &field.values {
                let _ = writeln!(out, "{value} {label}");
            }
        }
        out
    })
}

fn tabs(all: &[Operation], words: &Words) -> String {
    text(all, words, &|fields| {
        let mut out = words.heads.join("\t") + "\n";
        for field in fields {
            let _ = write!(out, "{}", plain_cells(words, field).join("\t"));
            for (value, label) in &field.values {
                let _ = write!(out, "\n• {value}: {label}");
            }
            out.push('\n');
        }
        out
    })
}

fn pdf(all: &[Operation], words: &Words) -> String {
    text(all, words, &|fields| {
        let mut out = words.heads.join(" ") + "\n";
        for field in fields {
            let mut cells = plain_cells(words, field);
            if cells[3].is_empty() {
                cells[3] = "-".into();
            }
            let _ = writeln!(out, "{}", cells.join(" "));
            for (value, label) in &field.values {
                let _ = writeln!(out, "• {value}: {label}");
            }
        }
        out
    })
}
