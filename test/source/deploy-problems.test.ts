import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLandfallError } from '../../shared/errors.ts';
import { parseDocuments } from '../../shared/source/document.ts';

const deploy = (rest: string): string => `deploys:\n  - { name: d, source: "*", ${rest} }\n`;

/** A key of one kind in another, or a kind without what it needs: by name, whatever the schema is made of. */
const cases: readonly (readonly [what: string, text: string, message: RegExp])[] = [
  ['directory without target', deploy('kind: directory'), /kind directory requires target$/],
  [
    'a kind that is none',
    deploy('kind: comand'),
    /wanted directory or command or http or .*, got "comand"; did you mean "command"\?$/,
  ],
  [
    'a key that is none',
    deploy('kind: directory, target: x, taget: y'),
    /unknown key "taget"; did you mean "target"\?$/,
  ],
  [
    'a key of another kind',
    deploy('kind: http, url: "http://a.example", target: x'),
    /target belongs to kind directory, and this is kind http$/,
  ],
  [
    'headers on a directory',
    deploy('kind: directory, target: x, headers: { a: b }'),
    /headers belongs to kind http, and this is kind directory$/,
  ],
  [
    'a receiver without what its type needs',
    'receivers: [{ name: r, type: gar, registry: r.example, secret: { env: A }, audience: a }]',
    /serviceAccount: type gar requires serviceAccount$/,
  ],
  [
    'a kustomization beside the artifact',
    deploy('kind: kubernetes, kustomization: ../deploy'),
    /kustomization: not a folder of the artifact/,
  ],
  ['command without command', deploy('kind: command'), /kind command requires command$/],
  [
    'a window without a time',
    deploy('kind: command, command: [a], windows: [{ for: 1h }]'),
    /one of allow and deny/,
  ],
  [
    'a window at two times',
    deploy('kind: command, command: [a], windows: [{ allow: "* * * * *", deny: "* * * * *" }]'),
    /one of allow and deny/,
  ],
  [
    'a window in no time zone',
    deploy('kind: command, command: [a], windows: [{ allow: "0 9 * * *", timeZone: Mars/Olympus }]'),
    /windows\[0\].*five fields of cron and the IANA name/,
  ],
  [
    'an approval that is not required',
    deploy('kind: command, command: [a], approval: yes'),
    /approval: wanted/,
  ],
  [
    'a user for a role',
    deploy('kind: command, command: [a], role: { arn: "arn:aws:iam::123456789012:user/a" }'),
    /role\.arn: wanted the ARN of a role/,
  ],
  [
    'a wait of half an hour for a command',
    deploy('kind: command, command: [a], timeout: 30m'),
    /from 1s to 15m/,
  ],
  ['a stack without what it is made of', deploy('kind: stack, stack: web'), /kind stack requires/],
  [
    'an image of a source that is in no document',
    'sources: [{ name: app, url: "oci://r.example/app" }]\ndeploys: [{ name: d, source: app, kind: kubernetes, images: [{ name: app, source: imag }] }]',
    /source "default\/imag" is not in these documents/,
  ],
  [
    'an image of a source, and a tag beside it',
    deploy('kind: kubernetes, images: [{ name: app, source: image, newTag: "1" }]'),
    /source says tag and digest/,
  ],
  ['http without url', deploy('kind: http'), /kind http requires url$/],
];

for (const [what, text, message] of cases) {
  test(`refuses ${what}, naming the kind it belongs to`, () => {
    assert.throws(
      () => parseDocuments([{ file: 'web.yaml', text }]),
      (error) => {
        assert.ok(isLandfallError(error) && error.code === 'CONFIG_INVALID', String(error));
        assert.match(error.message, message);
        return true;
      },
    );
  });
}
