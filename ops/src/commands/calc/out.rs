//! The file of results: what stands before, between and after the cases.

use super::Shape;
use super::parquet::Writer;
use super::table::Columns;
use super::work::Results;
use crate::error::Failure;
use crate::output::Sink;

/// A file of results on its way.
pub enum Out {
    /// Text of some form.
    Text {
        /// Which.
        shape: Shape,
        /// Where it gathers.
        sink: Sink,
        /// Whether no case was written yet.
        first: bool,
    },
    /// A Parquet file.
    Parquet(Box<Writer>),
}

impl Out {
    /// Begins the file.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn start(shape: Shape, columns: &Columns, mut sink: Sink) -> Result<Out, Failure> {
        match shape {
            Shape::Parquet => return Writer::new(sink, columns).map(|writer| Out::Parquet(Box::new(writer))),
            Shape::Json => sink.put("[")?,
            Shape::Csv => sink.put(&columns.header()?)?,
            Shape::Text | Shape::Ndjson => {}
        }
        Ok(Out::Text { shape, sink, first: true })
    }

    /// Adds the results of a batch.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn put(&mut self, results: Results) -> Result<(), Failure> {
        match (self, results) {
            (Out::Parquet(writer), Results::Rows(rows)) => writer.put(rows),
            (Out::Text { shape, sink, first }, Results::Pieces(pieces)) => {
                for piece in pieces {
                    let (before, after) = around(*shape, std::mem::replace(first, false));
                    sink.put(before)?;
                    sink.put(&piece)?;
                    sink.put(after)?;
                }
                Ok(())
            }
            (Out::Parquet(_), Results::Pieces(_)) | (Out::Text { .. }, Results::Rows(_)) => Ok(()), // one shape makes both
        }
    }

    /// Everything is there: lets the results out.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn finish(self) -> Result<(), Failure> {
        match self {
            Out::Parquet(writer) => writer.finish()?.finish(),
            Out::Text { shape, mut sink, first } => {
                sink.put(match (shape, first) {
                    (Shape::Json, true) => "]\n",
                    (Shape::Json, false) => "\n]\n",
                    (Shape::Text | Shape::Ndjson | Shape::Csv | Shape::Parquet, _) => "",
                })?;
                sink.finish()
            }
        }
    }
}

/// What stands before and after a case.
fn around(shape: Shape, first: bool) -> (&'static str, &'static str) {
    match (shape, first) {
        (Shape::Json, true) => ("\n", ""),
        (Shape::Json, false) => (",\n", ""),
        (Shape::Ndjson, _) => ("", "\n"),
        (Shape::Text, false) => ("\n", ""),
        (Shape::Text, true) | (Shape::Csv | Shape::Parquet, _) => ("", ""),
    }
}
