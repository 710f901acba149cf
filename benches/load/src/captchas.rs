//! How many captchas a machine reads whole after it has seen others with their answers.
//!
//! Two readers try. One looks at the window around where each letter stands by its share of the ink. The other removes thin
//! lines, cuts the picture into letters, and scales each to a square. Both are kernel ridge regression on pixels, which
//! learns in seconds. So the figures are what reading costs somebody who has an afternoon; a neural network reads more.

use haoma::domain::{
    captcha::{CaptchaAnswer, Colors, Difficulty, Letters},
    color::Color,
};

/// Pictures of the reader that cuts: its letters are in one kernel, which grows with their square.
const MOST_PICTURES_CUT: usize = 1_000;
/// Half the width of a window in pixels.
const HALF_WINDOW: usize = 36;
/// The side of the square to which a cut letter is scaled.
const SIDE: usize = 20;
/// Added to the diagonal of a kernel.
const RIDGE: f64 = 0.05;

/// A picture and its answer.
struct Sample {
    answer: Vec<char>,
    ink: Ink,
}

/// Which pixels of a picture are dark, row by row.
#[derive(Clone)]
struct Ink {
    width: usize,
    is_dark: Vec<bool>,
}

/// Prints the share of pictures that each reader reads.
pub fn run(train: usize, read: usize) -> anyhow::Result<()> {
    let letters = Letters::load().ok_or_else(|| anyhow::anyhow!("no font"))?;
    println!("| letters | by window | cut | cut after closing gaps and removing lines |");
    println!("|---|---|---|---|");
    for difficulty in [Difficulty::Normal, Difficulty::Harder] {
        let samples: Result<Vec<_>, _> =
            (0..train + read).map(|_| Sample::draw(difficulty, &letters)).collect();
        let samples = samples?;
        let (seen, unseen) = samples.split_at(train);
        let length = unseen[0].answer.len();
        let cut = |clean: fn(&Ink) -> Ink| {
            let seen = &seen[..seen.len().min(MOST_PICTURES_CUT * 4 / length)];
            let sees = |ink: &Ink| letters_of(&clean(ink), length);
            // The letters of all places are learned together.
            let known: Vec<(Vec<f32>, char)> = seen
                .iter()
                .flat_map(|it| sees(&it.ink).into_iter().zip(it.answer.clone()))
                .collect();
            let model = Model::learn(known, 0.04);
            share(unseen, |ink| sees(ink).iter().map(|letter| model.read(letter)).collect())
        };
        let models: Vec<Model> = (0..length)
            .map(|place| {
                let known =
                    seen.iter().map(|it| (window(&it.ink, place, length), it.answer[place]));
                Model::learn(known.collect(), 0.08)
            })
            .collect();
        let by_window = share(unseen, |ink| {
            (0..).zip(&models).map(|(place, it)| it.read(&window(ink, place, length))).collect()
        });
        let rough = cut(Ink::clone);
        let cleaned = cut(|ink| ink.closed().opened());
        println!("| {length} | {by_window:.0} % | {rough:.0} % | {cleaned:.0} % |");
    }
    Ok(())
}

/// Returns the percentage of the pictures that are read whole.
fn share(samples: &[Sample], read: impl Fn(&Ink) -> Vec<char>) -> f64 {
    let right = samples.iter().filter(|it| read(&it.ink) == it.answer).count();
    100.0 * right as f64 / samples.len() as f64
}

impl Sample {
    fn draw(difficulty: Difficulty, letters: &Letters) -> anyhow::Result<Self> {
        let answer = CaptchaAnswer::random(difficulty);
        let colors = Colors { ink: Color::BLACK, card: Color::WHITE };
        let png = answer.draw(letters, colors)?;
        let mut decoder = png::Decoder::new(std::io::Cursor::new(png));
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder.read_info()?;
        let mut bytes = vec![0; reader.output_buffer_size()];
        let info = reader.next_frame(&mut bytes)?;
        let pixels = bytes.chunks_exact(info.color_type.samples());
        let ink =
            Ink { width: info.width as usize, is_dark: pixels.map(|it| it[0] < 128).collect() };
        Ok(Self { answer: answer.as_str().chars().collect(), ink })
    }
}

impl Ink {
    fn height(&self) -> usize {
        self.is_dark.len() / self.width
    }

    fn get(&self, x: isize, y: isize) -> bool {
        let inside = |at: isize, size: usize| usize::try_from(at).ok().filter(|at| *at < size);
        inside(x, self.width)
            .zip(inside(y, self.height()))
            .is_some_and(|(x, y)| self.is_dark[y * self.width + x])
    }

    /// The number of dark pixels among the nine around each pixel.
    fn neighbours(&self) -> Vec<usize> {
        let count = |x: isize, y: isize| {
            (-1..=1)
                .flat_map(|dy| (-1..=1).map(move |dx| (x + dx, y + dy)))
                .filter(|(x, y)| self.get(*x, *y))
                .count()
        };
        let (width, height) = (self.width as isize, self.height() as isize);
        (0..height)
            .flat_map(|y| (0..width).map(move |x| (x, y)))
            .map(|(x, y)| count(x, y))
            .collect()
    }

    fn where_neighbours(&self, is_dark: impl Fn(usize) -> bool) -> Self {
        Self { width: self.width, is_dark: self.neighbours().into_iter().map(is_dark).collect() }
    }

    /// Fills gaps of up to two pixels.
    fn closed(&self) -> Self {
        self.where_neighbours(|count| count > 0).where_neighbours(|count| count == 9)
    }

    /// Removes what is thinner than three pixels.
    fn opened(&self) -> Self {
        self.where_neighbours(|count| count == 9).where_neighbours(|count| count > 0)
    }

    fn of_columns(&self) -> Vec<usize> {
        (0..self.width)
            .map(|x| (0..self.height()).filter(|y| self.is_dark[y * self.width + x]).count())
            .collect()
    }
}

/// What stands around the letter of this place. Strokes of one or two pixels fall away.
fn window(ink: &Ink, place: usize, length: usize) -> Vec<f32> {
    let strokes: Vec<f32> =
        ink.neighbours().into_iter().map(|count| (count as f32 / 9.0 - 0.45).max(0.0)).collect();
    let columns: Vec<f32> =
        (0..ink.width).map(|x| strokes.iter().skip(x).step_by(ink.width).sum()).collect();
    let goal = columns.iter().sum::<f32>() * (place as f32 + 0.5) / length as f32;
    let mut so_far = 0.0;
    let middle = columns
        .iter()
        .take_while(|it| {
            so_far += **it;
            so_far < goal
        })
        .count();
    let at = |x: usize, y: usize| {
        let x = (middle + x).checked_sub(HALF_WINDOW).filter(|x| *x < ink.width);
        x.map_or(0.0, |x| strokes[y * ink.width + x])
    };
    let blocks = (0..ink.height() / 2).flat_map(|y| (0..HALF_WINDOW).map(move |x| (2 * x, 2 * y)));
    blocks.map(|(x, y)| (at(x, y) + at(x + 1, y) + at(x, y + 1) + at(x + 1, y + 1)) / 4.0).collect()
}

/// Cuts a picture into so many letters: what hangs together is one, and the widest are cut where they have least ink.
fn letters_of(ink: &Ink, length: usize) -> Vec<Vec<f32>> {
    let mut parts = components(ink);
    while parts.len() < length {
        let width = |part: &Ink| bounds(&part.of_columns()).len();
        let Some(widest) = (0..parts.len()).max_by_key(|index| width(&parts[*index])) else {
            break;
        };
        let part = parts.remove(widest);
        let columns = part.of_columns();
        let range = bounds(&columns);
        // It may hold several letters: one is cut off from its left side.
        let several = if parts.len() + 2 < length { (range.len() / 48).max(2) } else { 2 };
        let one = range.len() / several;
        let places =
            range.start + one * 13 / 20..range.start + (one * 27 / 20).max(one * 13 / 20 + 1);
        let cut = places
            .min_by_key(|x| columns.get(*x).copied().unwrap_or_default())
            .unwrap_or(range.start + one);
        for keeps in [|x: usize, cut: usize| x < cut, |x: usize, cut: usize| x >= cut] {
            let is_dark = part.is_dark.iter().enumerate();
            let is_dark =
                is_dark.map(|(index, it)| *it && keeps(index % part.width, cut)).collect();
            parts.insert(widest + usize::from(!keeps(0, 1)), Ink { width: part.width, is_dark });
        }
    }
    while parts.len() > length {
        let ink_of = |part: &Ink| part.is_dark.iter().filter(|it| **it).count();
        let least = (0..parts.len()).min_by_key(|index| ink_of(&parts[*index])).unwrap_or_default();
        parts.remove(least);
    }
    parts.iter().map(scaled).collect()
}

/// What hangs together, from left to right. Specks are left out.
fn components(ink: &Ink) -> Vec<Ink> {
    let mut left = ink.is_dark.clone();
    let mut found = Vec::new();
    // Column by column, so that they are found from left to right.
    for start in (0..ink.width).flat_map(|x| (0..ink.height()).map(move |y| y * ink.width + x)) {
        if !left[start] {
            continue;
        }
        let mut part = Ink { width: ink.width, is_dark: vec![false; ink.is_dark.len()] };
        let mut open = vec![start];
        let mut size = 0;
        while let Some(index) = open.pop() {
            if !std::mem::take(&mut left[index]) {
                continue;
            }
            (part.is_dark[index], size) = (true, size + 1);
            let (x, y) = ((index % ink.width) as isize, (index / ink.width) as isize);
            for (x, y) in (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (x + dx, y + dy))) {
                if ink.get(x, y) {
                    open.push(y as usize * ink.width + x as usize);
                }
            }
        }
        if size > 60 {
            found.push(part);
        }
    }
    found
}

fn bounds(counts: &[usize]) -> std::ops::Range<usize> {
    let start = counts.iter().position(|it| *it > 0).unwrap_or_default();
    let end = counts.iter().rposition(|it| *it > 0).map_or(start + 1, |it| it + 1);
    start..end
}

/// The letter in a square, and its width.
fn scaled(part: &Ink) -> Vec<f32> {
    let columns = bounds(&part.of_columns());
    let of_rows: Vec<_> =
        part.is_dark.chunks(part.width).map(|row| row.iter().filter(|it| **it).count()).collect();
    let rows = bounds(&of_rows);
    let at =
        |range: &std::ops::Range<usize>, step: usize| range.start + range.len() * step / (2 * SIDE);
    let mut letter: Vec<f32> = (0..SIDE * SIDE)
        .map(|index| {
            let (x, y) = (2 * (index % SIDE), 2 * (index / SIDE));
            let points = [(x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)];
            let dark = |(x, y): &(usize, usize)| {
                part.is_dark[at(&rows, *y) * part.width + at(&columns, *x)]
            };
            points.iter().filter(|it| dark(it)).count() as f32 / 4.0
        })
        .collect();
    letter.push(columns.len() as f32 / 60.0);
    letter
}

/// Kernel ridge regression, one output a letter.
struct Model {
    known: Vec<Vec<f32>>,
    alphabet: Vec<char>,
    weights: Vec<Vec<f64>>,
    gamma: f32,
}

impl Model {
    fn learn(known: Vec<(Vec<f32>, char)>, gamma: f32) -> Self {
        let (known, answers): (Vec<_>, Vec<char>) = known.into_iter().unzip();
        let mut alphabet = answers.clone();
        alphabet.sort_unstable();
        alphabet.dedup();
        let mut matrix: Vec<Vec<f64>> = (0..known.len())
            .map(|row| {
                known[..=row].iter().map(|other| kernel(&known[row], other, gamma)).collect()
            })
            .collect();
        factorize(&mut matrix);
        let weights = alphabet
            .iter()
            .map(|letter| {
                solve(&matrix, answers.iter().map(|it| f64::from(u8::from(it == letter))).collect())
            })
            .collect();
        Self { known, alphabet, weights, gamma }
    }

    fn read(&self, letter: &[f32]) -> char {
        let near: Vec<f64> =
            self.known.iter().map(|known| kernel(known, letter, self.gamma)).collect();
        let score = |index: &usize| dot(&self.weights[*index], &near);
        let best =
            (0..self.alphabet.len()).max_by(|one, other| score(one).total_cmp(&score(other)));
        self.alphabet[best.unwrap_or_default()]
    }
}

fn kernel(one: &[f32], other: &[f32], gamma: f32) -> f64 {
    let distance: f32 = one.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum();
    f64::from(-gamma * distance).exp()
}

/// Cholesky's factorization of the lower triangle, in place.
fn factorize(matrix: &mut [Vec<f64>]) {
    for row in 0..matrix.len() {
        let (above, rest) = matrix.split_at_mut(row);
        let current = &mut rest[0];
        current[row] += RIDGE;
        for (column, other) in above.iter().enumerate() {
            let sum = dot(&current[..column], &other[..column]);
            current[column] = (current[column] - sum) / other[column];
        }
        let sum = dot(&current[..row], &current[..row]);
        current[row] = (current[row] - sum).max(1e-9).sqrt();
    }
}

fn solve(factor: &[Vec<f64>], mut values: Vec<f64>) -> Vec<f64> {
    for row in 0..values.len() {
        let sum = dot(&factor[row][..row], &values[..row]);
        values[row] = (values[row] - sum) / factor[row][row];
    }
    for row in (0..values.len()).rev() {
        values[row] /= factor[row][row];
        let value = values[row];
        for (before, part) in values[..row].iter_mut().zip(&factor[row]) {
            *before -= part * value;
        }
    }
    values
}

/// In eight sums, which the compiler computes at once.
fn dot(one: &[f64], other: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (first, second) = (one.chunks_exact(8), other.chunks_exact(8));
    let rest: f64 = first.remainder().iter().zip(second.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in first.zip(second) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    rest + sums.iter().sum::<f64>()
}
