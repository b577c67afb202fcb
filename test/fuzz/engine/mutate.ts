import type { Random } from '../../support/simulation/simulation-random.ts';

export interface Material {
  readonly corpus: readonly Buffer[];
  readonly words: readonly Buffer[];
  readonly isJson: boolean;
}

const MOST_BYTES = 16_384;
const NUMBERS = [
  '0',
  '-1',
  '1e3',
  '0x10',
  '65536',
  '2147483648',
  '4294967296',
  '9007199254740993',
  '1e400',
  '007',
];
const EDGES = [0x00, 0x01, 0x0a, 0x20, 0x22, 0x2c, 0x2f, 0x3c, 0x5c, 0x7b, 0x7f, 0x80, 0xc3, 0xed, 0xff];

const at = (random: Random, length: number): number => Math.floor(random.next() * (length + 1));
const joined = (...parts: readonly Uint8Array[]): Buffer => Buffer.concat(parts).subarray(0, MOST_BYTES);

type Edit = (input: Buffer, random: Random, material: Material) => Buffer;

/** A span of an input, short ones more often. */
function span(input: Buffer, random: Random): readonly [from: number, to: number] {
  const from = at(random, input.length);
  const length = Math.floor(Math.min(input.length - from, 2 ** (random.next() * 10)));
  return [from, from + length];
}

const without: Edit = (input, random) => {
  const [from, to] = span(input, random);
  return joined(input.subarray(0, from), input.subarray(to));
};

const insert = (input: Buffer, place: number, piece: Uint8Array): Buffer =>
  joined(input.subarray(0, place), piece, input.subarray(place));

const EDITS: readonly Edit[] = [
  without,
  (input, random) => {
    const [from, to] = span(input, random);
    return insert(input, at(random, input.length), input.subarray(from, to));
  },
  (input, random) => {
    const copy = Buffer.from(input);
    if (copy.length > 0) copy[at(random, copy.length - 1)] = Math.floor(random.next() * 256);
    return copy;
  },
  (input, random) => {
    const copy = Buffer.from(input);
    if (copy.length > 0) copy[at(random, copy.length - 1)] = random.pick(EDGES);
    return copy;
  },
  (input, random) => {
    const copy = Buffer.from(input);
    const place = at(random, copy.length - 1);
    if (copy.length > 0) copy[place] = (copy[place] ?? 0) ^ (1 << Math.floor(random.next() * 8));
    return copy;
  },
  (input, random, { words }) => insert(input, at(random, input.length), random.pick(words)),
  (input, random, { words }) => {
    const word = random.pick(words);
    const place = at(random, input.length);
    return joined(input.subarray(0, place), word, input.subarray(place + word.length));
  },
  (input, random, { corpus }) => {
    const other = random.pick(corpus);
    return joined(input.subarray(0, at(random, input.length)), other.subarray(at(random, other.length)));
  },
  (input, random, { corpus }) => {
    const other = random.pick(corpus);
    const [from, to] = span(other, random);
    return insert(input, at(random, input.length), other.subarray(from, to));
  },
  (input, random) => {
    const [from, to] = span(input, random);
    const piece = input.subarray(from, to);
    return insert(
      input,
      from,
      Buffer.concat(Array.from({ length: Math.ceil(2 ** (random.next() * 6)) }, () => piece)),
    );
  },
  (input, random) => input.subarray(0, at(random, input.length)),
  // A number by another, where one stands.
  (input, random) => {
    const text = input.toString('latin1');
    const numbers = [...text.matchAll(/\d+/g)];
    if (numbers.length === 0) return without(input, random, { corpus: [], words: [], isJson: false });
    const { index, 0: found } = random.pick(numbers);
    const other = random.chance(0.5)
      ? random.pick(NUMBERS)
      : String(Number(found) + random.pick([-1, 1, 512]));
    return Buffer.from(text.slice(0, index) + other + text.slice(index + found.length), 'latin1').subarray(
      0,
      MOST_BYTES,
    );
  },
];

type Place = { readonly holder: Record<PropertyKey, unknown>; readonly key: string };

function* placesIn(value: unknown): Generator<Place> {
  if (typeof value !== 'object' || value === null) return;
  const holder = value as Record<PropertyKey, unknown>;
  for (const key of Object.keys(holder)) {
    yield { holder, key };
    yield* placesIn(holder[key]);
  }
}

const parsed = (input: Buffer): unknown => {
  try {
    return JSON.parse(input.toString()) as unknown;
  } catch {
    return undefined;
  }
};

/** Exchanges, moves or removes a place of a document, or writes its key in another way. */
const editJson: Edit = (input, random, { corpus, words }) => {
  const value = parsed(input);
  const places = [...placesIn(value)];
  if (places.length === 0) return input;
  const { holder, key } = random.pick(places);
  const others = [...placesIn(parsed(random.pick(corpus)))];
  const word = random.pick(words).toString();
  const values: readonly unknown[] = [null, '', 0, -1, true, [], {}, [[]], word, 'x'.repeat(300), 1e300, 0.5];
  const changes: readonly (() => void)[] = [
    () => delete holder[key],
    () => {
      holder[key] = random.pick(values);
    },
    () => {
      const other = others.length > 0 ? random.pick(others) : { holder, key };
      holder[key] = other.holder[other.key];
    },
    () => {
      if (!Array.isArray(holder)) holder[random.pick([key.toUpperCase(), `${key}x`, word])] = holder[key];
    },
    () => {
      if (typeof holder[key] === 'string') holder[key] = `${holder[key]}${word}`;
    },
  ];
  random.pick(changes)();
  return Buffer.from(JSON.stringify(value) ?? '').subarray(0, MOST_BYTES);
};

/** An input of the corpus, changed in one to six ways. */
export function mutate(random: Random, material: Material): Buffer {
  let input = random.pick(material.corpus);
  const edits = Math.ceil(2 ** (random.next() * 2.6));
  for (let edit = 0; edit < edits; edit += 1)
    input =
      material.isJson && random.chance(0.5)
        ? editJson(input, random, material)
        : random.pick(EDITS)(input, random, material);
  return Buffer.from(input);
}
