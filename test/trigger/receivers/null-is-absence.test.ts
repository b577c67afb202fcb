import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLandfallError } from '../../../shared/errors.ts';
import type { WebhookWithBody } from '../../../shared/trigger/webhook.ts';
import { FIXTURES } from '../senders/all.ts';
import { open, requestOf } from '../senders/deliver.ts';
import type { SenderFixture } from '../senders/fixture.ts';

/** Each key of a document twice: with null there, and gone. */
function* absences(
  value: unknown,
  replace: (mutated: unknown) => unknown = (mutated) => mutated,
): Generator<readonly [withNull: unknown, without: unknown]> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (!Array.isArray(value)) {
      const { [key]: _, ...rest } = value as Record<string, unknown>;
      yield [replace({ ...value, [key]: null }), replace(rest)];
    }
    yield* absences(inner, (mutated) =>
      replace(Array.isArray(value) ? value.with(Number(key), mutated) : { ...value, [key]: mutated }),
    );
  }
}

function outcomeOf(fixture: SenderFixture, request: WebhookWithBody): unknown {
  try {
    return open(fixture).parse(request);
  } catch (error) {
    assert.ok(isLandfallError(error));
    return error.code;
  }
}

/** A list of events that is null is an empty one, and none at all no list: the one place where they differ. */
const isNullEvents = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && (value as Record<string, unknown>)['events'] === null;

for (const fixture of FIXTURES) {
  test(`${fixture.entry.type} (${fixture.entry.name}): null is absence, wherever it stands`, () => {
    for (const { body, headers } of fixture.cases) {
      for (const [withNull, without] of absences(body)) {
        if (fixture.entry.type === 'distribution' && isNullEvents(withNull)) continue;
        const [got, want] = [withNull, without].map((each) =>
          outcomeOf(fixture, requestOf(fixture, { body: each, ...(headers && { headers }) })),
        );
        assert.deepEqual(got, want, JSON.stringify(withNull).slice(0, 1000));
      }
    }
  });
}
