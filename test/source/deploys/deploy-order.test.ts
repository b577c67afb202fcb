import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLandfallError } from '../../../shared/errors.ts';
import { parseDocuments } from '../../../shared/source/document.ts';
import { documentsInForce } from '../../../shared/source/in-force.ts';

/** Each waits for what stands behind its name. */
const documents = (waits: Readonly<Record<string, readonly string[]>>) => [
  {
    file: 'a.yaml',
    text: `deploys:\n${Object.entries(waits)
      .map(
        ([name, others]) =>
          `  - { name: ${name}, kind: command, command: [a], source: "*", dependsOn: [${others}] }\n`,
      )
      .join('')}`,
  },
];

for (const [what, waits, message] of [
  ['itself', { a: ['a'] }, /a\.yaml:2:5: deploys\[0\]: dependsOn goes in a ring, and none begins: a$/],
  ['one another', { a: [], b: ['c'], c: ['a', 'd'], d: ['b'] }, /deploys\[1\]: .*none begins: b, c, d$/],
] as const)
  test(`refuses deploys that wait for ${what}, on one machine and where documents change`, () => {
    assert.throws(
      () => parseDocuments(documents(waits)),
      (error) => isLandfallError(error) && error.code === 'CONFIG_INVALID' && message.test(error.message),
    );
    assert.deepEqual(
      documentsInForce(documents(waits)).problems.map(({ code }) => code),
      ['CONFIG_INVALID'],
    );
  });

test('takes deploys that wait for others in whatever order they are written', () => {
  const { deploys, notices } = parseDocuments(documents({ c: ['b', 'a'], b: ['a'], a: [] }));
  assert.equal(deploys.length, 3);
  assert.deepEqual(notices, []);
});

test('says of a deploy that waits for one in no document, which may be of a construct', () => {
  const { notices } = parseDocuments(documents({ migrate: [], live: ['migrat'], last: ['other-stack'] }));
  assert.deepEqual(notices, [
    {
      place: 'a.yaml:3:5',
      message: 'deploy live waits for "migrat", which is in none of these documents; did you mean "migrate"?',
    },
    {
      place: 'a.yaml:4:5',
      message: 'deploy last waits for "other-stack", which is in none of these documents',
    },
  ]);
});
