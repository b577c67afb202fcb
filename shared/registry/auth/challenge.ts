import { CHALLENGE_CHARACTERS } from '../../limits.ts';
import { BLANK, type HeaderText, SEPARATORS, take, takeQuoted } from '../http/header-text.ts';

/** One authentication scheme that a 401 offers. Names are lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly params: Readonly<Record<string, string>>;
}

const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const TOKEN68 = /[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$))/y;

/** `name = value`, or nothing with the cursor where it was: then the name is the next scheme. */
function takeParameter(cursor: HeaderText): readonly [string, string] | undefined {
  const start = cursor.at;
  const name = take(cursor, TOKEN)?.[0];
  take(cursor, BLANK);
  if (name === undefined || cursor.text[cursor.at] !== '=') {
    cursor.at = start;
    return undefined;
  }
  cursor.at += 1;
  take(cursor, BLANK);
  // Artifactory and others leave quotes off where they are needed; take what is there up to the comma.
  const value = takeQuoted(cursor) ?? take(cursor, /[^,]*/y)?.[0].trim() ?? '';
  return [name.toLowerCase(), value];
}

function takeChallenge(cursor: HeaderText): Challenge | undefined {
  const scheme = take(cursor, TOKEN)?.[0];
  if (scheme === undefined) return undefined;
  const params: Record<string, string> = Object.create(null) as Record<string, string>;
  const end = cursor.at;
  take(cursor, BLANK);
  if (cursor.at > end) take(cursor, TOKEN68);
  for (;;) {
    take(cursor, SEPARATORS);
    const parameter = takeParameter(cursor);
    if (parameter === undefined) break;
    // The first of a repeated parameter counts: RFC 9110 forbids repeating, and a later one is nobody's correction.
    params[parameter[0]] ??= parameter[1];
  }
  return { scheme: scheme.toLowerCase(), params };
}

/**
 * Parses every WWW-Authenticate header of a response: several challenges in one header, commas inside quotes,
 * escapes, token68. Garbage ends the parse; what came before it counts.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1
 */
export function parseChallenges(headers: string | readonly string[] | undefined): readonly Challenge[] {
  const list = headers === undefined ? [] : typeof headers === 'string' ? [headers] : headers;
  const challenges: Challenge[] = [];
  for (const text of list) {
    const cursor: HeaderText = { text: text.slice(0, CHALLENGE_CHARACTERS), at: 0 };
    for (;;) {
      take(cursor, SEPARATORS);
      const challenge = takeChallenge(cursor);
      if (challenge === undefined) break;
      challenges.push(challenge);
    }
  }
  return challenges;
}
