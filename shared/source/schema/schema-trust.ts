import * as z from 'zod';
import { LandfallError } from '../../errors.ts';
import { parseKmsKey } from '../../verify/policy/kms-key.ts';
import { PUBLIC_GOOD_MIRROR } from '../../verify/policy/policy.ts';
import { readPublicKey } from '../../verify/policy/public-key.ts';
import { refusedWhen, textFor } from './schema-fields.ts';

/** A file or its text, whose text is looked at where it is given. */
export const location = (checkText: (text: string) => unknown) =>
  z
    .strictObject({
      file: z.string().min(1).exactOptional().meta({ description: 'Relative to the document' }),
      pem: textFor(checkText).exactOptional().meta({ description: 'Its text' }),
    })
    .check(
      refusedWhen(({ file, pem }) =>
        (file === undefined) === (pem === undefined)
          ? { message: 'wanted one of file and pem: where it is, or its text' }
          : undefined,
      ),
    );

export const signerKey = z
  .strictObject({
    file: z.string().min(1).exactOptional().meta({ description: 'Relative to the document' }),
    pem: textFor((pem) => readPublicKey(pem, 'the key'))
      .exactOptional()
      .meta({ description: 'Its text' }),
    kms: textFor(parseKmsKey)
      .exactOptional()
      .meta({ description: 'Of AWS KMS: awskms:///alias/NAME or awskms:///ARN' }),
  })
  .check(
    refusedWhen((given) =>
      Object.keys(given).length === 1
        ? undefined
        : { message: 'wanted one of file, pem and kms: where it is, its text, or its name in KMS' },
    ),
  );

/** A mirror's URL, as the paths of TUF are put behind it. @throws LandfallError */
function checkMirror(text: string): void {
  const url = URL.parse(text);
  const isPlain = url !== null && url.username + url.password + url.search + url.hash === '';
  if (!isPlain || text.endsWith('/') || !/^https?:$/.test(url.protocol))
    throw new LandfallError('CONFIG_INVALID', 'wanted https://HOST[/PATH], without a slash at its end');
}

export const trustedRoot = z
  .strictObject({
    file: z.string().min(1).exactOptional().meta({ description: 'Relative to the document' }),
    pem: z.string().exactOptional().meta({ description: 'Its text' }),
    tuf: textFor(checkMirror)
      .exactOptional()
      .meta({ description: 'A mirror of TUF that it is refreshed from: https://tuf-repo-cdn.sigstore.dev' }),
    root: location(() => undefined)
      .exactOptional()
      .meta({
        description: 'The root.json that this mirror is known by; default: that of the public instance',
      }),
    local: z
      .boolean()
      .exactOptional()
      .meta({ description: 'The mirror may be on a private or loopback address, and without TLS' }),
  })
  .check(
    refusedWhen(({ file, pem, tuf, root, local }) => {
      if ([file, pem, tuf].filter((each) => each !== undefined).length !== 1)
        return { message: 'wanted one of file, pem and tuf: where it is, its text, or a mirror of TUF' };
      if (tuf === undefined)
        return root === undefined && local === undefined
          ? undefined
          : { message: 'root and local are of a mirror of TUF' };
      if (tuf.startsWith('http:') && local !== true) return { message: 'wanted https, or local: true' };
      return root === undefined && tuf !== PUBLIC_GOOD_MIRROR
        ? { message: 'wanted root, too: the root.json that this mirror is known by' }
        : undefined;
    }),
  );
