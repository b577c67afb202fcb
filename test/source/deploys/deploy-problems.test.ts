import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLandfallError } from '../../../shared/errors.ts';
import { parseDocuments } from '../../../shared/source/document.ts';

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
  [
    'a function whose weight is too large, told once',
    deploy('kind: function, function: f, alias: a, shift: [{ weight: 120, for: 5m }]'),
    /^\S+ deploys\[0\]\.shift\[0\]\.weight: wanted at most 99$/,
  ],
  [
    'a switch of a site that is half of one',
    deploy('kind: site, bucket: bbb, switch: { key: x }'),
    /switch: wanted keyValueStore and key, or distribution and origin/,
  ],
  [
    'a zip and an image',
    deploy(
      'kind: function, function: f, zip: a.zip, image: 123456789012.dkr.ecr.eu-central-1.amazonaws.com/web',
    ),
    /image: wanted zip or image, not both$/,
  ],
  [
    'steps of an alias that is not named',
    deploy('kind: function, function: f, shift: [{ weight: 20, for: 5m }]'),
    /shift: it is an alias that moves by steps: name it$/,
  ],
  [
    'alarms of an alias that is not named',
    deploy('kind: function, function: f, alarms: [errors]'),
    /alarms: they keep an alias from moving: name it$/,
  ],
  [
    'a drift that is never looked for',
    deploy(
      'kind: stack, stack: s, template: t, executionRole: "arn:aws:iam::123456789012:role/a", drift: correct',
    ),
    /drift: nothing is compared without interval: say how often$/,
  ],
  [
    'a command that is to be compared, which would run each time',
    deploy('kind: command, command: [a], interval: 1h'),
    /interval: it has no target that could be compared$/,
  ],
  [
    'a command as a role, which it would not have',
    deploy('kind: command, command: [a], role: { arn: "arn:aws:iam::123456789012:role/a" }'),
    /role: it does nothing at AWS$/,
  ],
  [
    'a link that is to be left as somebody turned it, which it is not',
    deploy('kind: directory, target: x, drift: "off"'),
    /drift: a link is put back as it is$/,
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
