import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CloudLocation } from '../../shared/credentials/credential-entry.ts';
import { checkSecretUse, type SecretBinding } from '../../shared/credentials/secret-binding.ts';
import { isLandfallError } from '../../shared/errors.ts';
import { DEFAULT_TRANSPORT, type Transport } from '../../shared/registry/client.ts';

const ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:team/hub-AbCdEf';
const FOREIGN = 'arn:aws:secretsmanager:eu-west-1:999999999999:secret:team/hub-AbCdEf';
const PARAMETER = 'arn:aws:ssm:eu-west-1:123456789012:parameter/team/hub';
const hub = { secretsManager: 'team/hub' };

const of = (secret: string, more: Partial<SecretBinding> = {}): SecretBinding => ({
  secretsManager: [secret],
  registries: ['ghcr.io'],
  ...more,
});

interface Case {
  readonly what: string;
  readonly location?: CloudLocation;
  readonly binding: SecretBinding;
  readonly registry?: string;
  readonly namespace?: string;
  readonly transport?: Partial<Transport>;
  readonly caOfDocument?: boolean;
  readonly is: boolean;
}

const SERVICE = 'https://auth.example';

const CASES: readonly Case[] = [
  { what: 'its registry', binding: of('team/hub'), is: true },
  { what: 'another registry', binding: of('team/hub'), registry: 'ghcr.io.evil.example', is: false },
  { what: 'another port of it', binding: of('team/hub'), registry: 'ghcr.io:8443', is: false },
  { what: 'another secret', binding: of('team/hub2'), is: false },
  { what: 'a pattern', binding: of('team/*'), is: true },
  { what: 'a pattern in the middle', binding: of('t*m/h*b'), is: true },
  { what: 'a pattern that does not match', binding: of('team/*b2'), is: false },
  { what: 'parts of a pattern that would overlap', binding: of('team/hub*hub'), is: false },
  { what: 'a pattern is no expression', binding: of('team.hub'), is: false },
  {
    what: 'its ARN, where its name is bound',
    location: { secretsManager: ARN },
    binding: of('team/hub'),
    is: true,
  },
  { what: 'its name, where its ARN is bound', binding: of(ARN), is: true },
  { what: 'an ARN of another account', location: { secretsManager: FOREIGN }, binding: of(ARN), is: false },
  { what: 'a parameter of that name', location: { ssm: 'team/hub' }, binding: of('team/hub'), is: false },
  {
    what: 'a parameter, with its slash or not',
    location: { ssm: '/team/hub' },
    binding: { ssm: ['team/hub'], registries: ['ghcr.io'] },
    is: true,
  },
  {
    what: 'a parameter by its ARN',
    location: { ssm: '/team/hub' },
    binding: { ssm: [PARAMETER], registries: ['ghcr.io'] },
    is: true,
  },
  { what: 'its team', binding: of('team/hub', { namespaces: ['web'] }), namespace: 'web', is: true },
  { what: 'another team', binding: of('team/hub', { namespaces: ['web'] }), namespace: 'api', is: false },
  { what: 'nobody in particular', binding: of('team/hub', { namespaces: ['web'] }), is: false },
  { what: 'clear text', binding: of('team/hub'), transport: { plainHttp: true }, is: false },
  {
    what: 'clear text, allowed',
    binding: of('team/hub', { insecure: true }),
    transport: { plainHttp: true },
    is: true,
  },
  {
    what: 'an unverified certificate',
    binding: of('team/hub'),
    transport: { insecureSkipTlsVerify: true },
    is: false,
  },
  {
    what: 'an authority of the document',
    binding: of('team/hub'),
    transport: { ca: 'x' },
    caOfDocument: true,
    is: false,
  },
  { what: 'an authority of the installation', binding: of('team/hub'), transport: { ca: 'x' }, is: true },
  {
    what: 'a token service of the document',
    binding: of('team/hub'),
    transport: { tokenService: SERVICE },
    is: false,
  },
  {
    what: 'a token service that is bound',
    binding: of('team/hub', { tokenServices: [SERVICE] }),
    transport: { tokenService: SERVICE },
    is: true,
  },
];

for (const {
  what,
  location = hub,
  binding,
  registry = 'ghcr.io',
  namespace,
  transport = {},
  caOfDocument = false,
  is,
} of CASES) {
  test(`a secret is ${is ? 'given' : 'held back'}: ${what}`, () => {
    const repository = { registry, repository: 'a', ...(namespace !== undefined && { namespace }) };
    const use = { location, repository, caOfDocument, transport: { ...DEFAULT_TRANSPORT, ...transport } };
    if (is) return checkSecretUse(use, [of('other'), binding]);
    assert.throws(
      () => checkSecretUse(use, [binding]),
      (error) => isLandfallError(error) && error.code === 'SECRET_DENIED',
    );
  });
}
