//! Parquet in and out: columns as in CSV, with types. Read and written row group by row group.
//!
//! A number of 64 bits with a fraction is read as the shortest decimal that means it, so that 433.33 is 433.33 and the
//! sum of 0.1 and 0.2 in such numbers is refused as finer than a penny.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use csv::StringRecord;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use parquet::basic::{Compression, ConvertedType, Repetition, Type as Physical};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::record::Field;
use parquet::record::reader::RowIter;
use parquet::schema::types::Type;
use projections::engine::{Figure, Ty};

use super::table::{Columns, Row};
use crate::commands::is_stdin;
use crate::error::Failure;
use crate::output::Sink;

/// Rows of a file, read one after another.
pub struct Parquet {
    columns: Vec<String>,
    rows: u64,
    reader: RowIter<'static>,
}

impl Parquet {
    /// Opens a file.
    ///
    /// # Errors
    /// It is not there, it is standard input, or it is no such file.
    pub fn open(path: &Path) -> Result<Parquet, Failure> {
        if is_stdin(path) {
            return Err(Failure::input("standard input: a Parquet file is read from its end; name a file"));
        }
        let file = File::open(path).map_err(|e| Failure::reading(path, e))?;
        let wrong = |error: ParquetError| Failure::input(format!("{}: {error}", path.display()));
        let reader = SerializedFileReader::new(file).map_err(wrong)?;
        let about = reader.metadata().file_metadata();
        let rows = u64::try_from(about.num_rows()).unwrap_or(0);
        let columns: Vec<String> = about.schema().get_fields().iter().map(|field| field.name().to_string()).collect();
        Ok(Parquet { columns, rows, reader: reader.into_iter() })
    }

    /// The names of its columns.
    pub fn columns(&self) -> Vec<String> {
        self.columns.clone()
    }

    /// How many rows it has.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The cells of the next row as CSV has them, or why the row cannot be read.
    pub fn row(&mut self) -> Option<Result<StringRecord, String>> {
        let row = match self.reader.next()? {
            Ok(row) => row,
            Err(error) => return Some(Err(error.to_string())),
        };
        let mut cells = StringRecord::new();
        for (name, field) in row.get_column_iter() {
            match cell(field) {
                Ok(text) => cells.push_field(text.trim()),
                Err(why) => return Some(Err(format!("column {name}: {why}"))),
            }
        }
        Some(Ok(cells))
    }
}

fn cell(field: &Field) -> Result<String, String> {
    let day = |days: i64| date(1970, 1, 1).checked_add(days.days()).map(|day| day.to_string());
    let moment = |count: i64, of_a_day: i64| match count % of_a_day {
        0 => day(count / of_a_day).map_err(|e| e.to_string()),
        _ => Err("found a time of day, expected a day".to_string()),
    };
    match field {
        Field::Null => Ok(String::new()),
        Field::Bool(_)
        | Field::Byte(_)
        | Field::Short(_)
        | Field::Int(_)
        | Field::Long(_)
        | Field::UByte(_)
        | Field::UShort(_)
        | Field::UInt(_)
        | Field::ULong(_)
        | Field::Decimal(_) => Ok(field.to_string()),
        Field::Float(number) => Ok(number.to_string()),
        Field::Double(number) => Ok(number.to_string()),
        Field::Str(text) => Ok(text.clone()),
        Field::Date(days) => day(i64::from(*days)).map_err(|e| e.to_string()),
        Field::TimestampMillis(count) => moment(*count, 86_400_000),
        Field::TimestampMicros(count) => moment(*count, 86_400_000_000),
        Field::Float16(_)
        | Field::Bytes(_)
        | Field::TimeMillis(_)
        | Field::TimeMicros(_)
        | Field::Group(_)
        | Field::ListInternal(_)
        | Field::MapInternal(_) => {
            Err("found neither a number, a day nor a text; write the column as one of them".into())
        }
    }
}

/// Results as a Parquet file: amounts are decimals with two places, days are days, words are text.
pub struct Writer {
    file: SerializedFileWriter<Sink>,
    /// The results of each column: their name and type.
    columns: Vec<(String, Ty)>,
    waiting: Vec<Row>,
}

/// How many rows stand in a group.
const GROUP: usize = 16_384;

impl Writer {
    /// A file with these columns.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn new(sink: Sink, columns: &Columns) -> Result<Writer, Failure> {
        let columns = columns.typed();
        let mut fields = vec![leaf("name", None)?, leaf("period", Some(Ty::Date))?];
        for (name, ty) in &columns {
            fields.push(leaf(name, Some(*ty))?);
        }
        let schema = Type::group_type_builder("results").with_fields(fields).build().map_err(unwritten)?;
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let file = SerializedFileWriter::new(sink, Arc::new(schema), Arc::new(properties)).map_err(unwritten)?;
        Ok(Writer { file, columns, waiting: Vec::new() })
    }

    /// Takes rows; they are written when a group is full.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn put(&mut self, rows: Vec<Row>) -> Result<(), Failure> {
        self.waiting.extend(rows);
        if self.waiting.len() >= GROUP { self.group().map_err(unwritten) } else { Ok(()) }
    }

    /// Writes what is left and gives the finished file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn finish(mut self) -> Result<Sink, Failure> {
        if !self.waiting.is_empty() {
            self.group().map_err(unwritten)?;
        }
        self.file.into_inner().map_err(unwritten)
    }

    fn group(&mut self) -> Result<(), ParquetError> {
        let rows = std::mem::take(&mut self.waiting);
        let mut group = self.file.next_row_group()?;
        let mut at = 0;
        while let Some(mut column) = group.next_column()? {
            match (at, column.untyped()) {
                (0, writer) => texts(writer, rows.iter().map(|row| Some(row.name.clone())))?,
                (1, writer) => {
                    let days = rows.iter().map(|row| row.period.map(days_of));
                    whole(writer, days)?;
                }
                (at, writer) => {
                    let ty = self.columns.get(at - 2).map_or(Ty::Enum, |(_, ty)| *ty);
                    let figures = rows.iter().map(|row| row.figures.get(at - 2).and_then(Option::as_ref));
                    if is_text(ty) {
                        texts(writer, figures.map(|figure| figure.map(|figure| figure.text.clone())))?;
                    } else {
                        whole(writer, figures.map(|figure| figure.and_then(number)))?;
                    }
                }
            }
            column.close()?;
            at += 1;
        }
        group.close().map(drop)
    }
}

fn is_text(ty: Ty) -> bool {
    matches!(ty, Ty::Enum | Ty::Rate)
}

/// A column of one type; cells may be empty. A rate is text, because its fraction can have any length.
fn leaf(name: &str, ty: Option<Ty>) -> Result<Arc<Type>, Failure> {
    let builder = |physical| Type::primitive_type_builder(name, physical).with_repetition(Repetition::OPTIONAL);
    let built = match ty {
        Some(Ty::Money) => builder(Physical::INT64)
            .with_converted_type(ConvertedType::DECIMAL)
            .with_precision(18)
            .with_scale(2)
            .build(),
        Some(Ty::Count | Ty::Days) => builder(Physical::INT64).build(),
        Some(Ty::Bool) => builder(Physical::BOOLEAN).build(),
        Some(Ty::Date) => builder(Physical::INT32).with_converted_type(ConvertedType::DATE).build(),
        Some(Ty::Rate | Ty::Enum) | None => {
            builder(Physical::BYTE_ARRAY).with_converted_type(ConvertedType::UTF8).build()
        }
    };
    built.map(Arc::new).map_err(unwritten)
}

/// Pence, a count, a day number, 0 or 1.
fn number(figure: &Figure) -> Option<i64> {
    let money = figure.money().map(|money| money.pence());
    money.or_else(|| figure.exact.in_units_of(1).and_then(|n| i64::try_from(n).ok()))
}

fn days_of(day: Date) -> i64 {
    i64::from(day.since(date(1970, 1, 1)).map_or(0, |span| span.get_days()))
}

fn texts(column: &mut ColumnWriter<'_>, cells: impl Iterator<Item = Option<String>>) -> Result<(), ParquetError> {
    let (levels, values) = levels(cells);
    let values: Vec<ByteArray> = values.into_iter().map(|text| ByteArray::from(text.into_bytes())).collect();
    match column {
        ColumnWriter::ByteArrayColumnWriter(writer) => writer.write_batch(&values, Some(&levels), None).map(drop),
        ColumnWriter::BoolColumnWriter(_)
        | ColumnWriter::Int32ColumnWriter(_)
        | ColumnWriter::Int64ColumnWriter(_)
        | ColumnWriter::Int96ColumnWriter(_)
        | ColumnWriter::FloatColumnWriter(_)
        | ColumnWriter::DoubleColumnWriter(_)
        | ColumnWriter::FixedLenByteArrayColumnWriter(_) => {
            Err(ParquetError::General("a text in a column of numbers".into()))
        }
    }
}

fn whole(column: &mut ColumnWriter<'_>, cells: impl Iterator<Item = Option<i64>>) -> Result<(), ParquetError> {
    let (levels, values) = levels(cells);
    let levels = Some(levels.as_slice());
    match column {
        ColumnWriter::Int64ColumnWriter(writer) => writer.write_batch(&values, levels, None).map(drop),
        ColumnWriter::Int32ColumnWriter(writer) => {
            let values: Vec<i32> = values.iter().map(|n| i32::try_from(*n).unwrap_or(i32::MAX)).collect();
            writer.write_batch(&values, levels, None).map(drop)
        }
        ColumnWriter::BoolColumnWriter(writer) => {
            let values: Vec<bool> = values.iter().map(|n| *n != 0).collect();
            writer.write_batch(&values, levels, None).map(drop)
        }
        ColumnWriter::Int96ColumnWriter(_)
        | ColumnWriter::FloatColumnWriter(_)
        | ColumnWriter::DoubleColumnWriter(_)
        | ColumnWriter::ByteArrayColumnWriter(_)
        | ColumnWriter::FixedLenByteArrayColumnWriter(_) => {
            Err(ParquetError::General("a number in a column of texts".into()))
        }
    }
}

/// Which cells are filled, and with what.
fn levels<T>(cells: impl Iterator<Item = Option<T>>) -> (Vec<i16>, Vec<T>) {
    let (mut levels, mut values) = (Vec::new(), Vec::new());
    for cell in cells {
        levels.push(i16::from(cell.is_some()));
        values.extend(cell);
    }
    (levels, values)
}

fn unwritten(error: ParquetError) -> Failure {
    Failure::writing("the results", std::io::Error::other(error))
}
