//! Progress on standard error, for whoever waits at a terminal. It never touches results.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How many things are done. Nothing is drawn where standard error is no terminal.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A count of things whose number is not known beforehand, such as `cases`.
    pub fn counting(things: &'static str) -> Progress {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(5));
        Progress::styled(bar, &format!("{{spinner}} {{human_pos}} {things}, {{elapsed}}, {{per_sec}}"))
    }

    /// A bar towards a known number of things.
    pub fn towards(total: u64, things: &'static str) -> Progress {
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr_with_hz(5));
        Progress::styled(bar, &format!("{{wide_bar}} {{human_pos}} of {{human_len}} {things}, {{eta}} left"))
    }

    /// A bar through a file of so many bytes or rows.
    pub fn through(total: u64) -> Progress {
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr_with_hz(5));
        Progress::styled(bar, "{wide_bar} {percent}% of the file, {elapsed}, {eta} left")
    }

    fn styled(bar: ProgressBar, template: &str) -> Progress {
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_secs(1)); // the clock goes on in a long step
        Progress { bar }
    }

    /// So many more are done.
    pub fn add(&self, done: usize) {
        self.bar.inc(done as u64);
    }
}

impl Progress {
    /// So many more things are done, and the file is read to here, where its length is known.
    pub fn reached(&self, done: usize, position: u64) {
        match self.bar.length() {
            Some(_) => self.bar.set_position(position),
            None => self.add(done),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
