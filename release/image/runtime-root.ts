import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { arch, tmpdir } from 'node:os';
import { join } from 'node:path';

/** What Node is linked against, and roots of certificates for who gives a CA of the system: no shell, no package manager. */
const PACKAGES = ['libc6', 'libgcc-s1', 'libstdc++6', 'ca-certificates', 'tzdata'];

/** What of them an image has no use for: documentation, locales, and conversions that nothing here asks for. */
const LEFT_OUT = [
  'usr/share/{doc,man,locale,lintian,bug}',
  'usr/lib/*/gconv',
  'usr/sbin',
  'usr/bin',
  'etc/ca-certificates',
];

/** Whom it runs as: nobody of the machine. */
export const USER = 65_532;

/** Where the store is: the one folder that is that user's, to have a volume put on it. */
export const STATE = 'var/lib/landfall';

const FILES: Readonly<Record<string, string>> = {
  'etc/passwd': `root:x:0:0:root:/root:/sbin/nologin\nlandfall:x:${USER}:${USER}:landfall:/var/lib/landfall:/sbin/nologin\n`,
  'etc/group': `root:x:0:\nlandfall:x:${USER}:\n`,
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
};

/** Where Debian's packages have no lib of their own anymore (from 13 on), what loads programs is still looked for there. */
function linkMerged(root: string): void {
  for (const name of ['lib', 'lib64'])
    if (!existsSync(join(root, name)) && existsSync(join(root, 'usr', name)))
      symlinkSync(`usr/${name}`, join(root, name));
}

/** @throws Error where apt has no such packages: `apt-get update` fetches its lists */
function unpackPackages(root: string): void {
  const debs = mkdtempSync(join(tmpdir(), 'landfall-debs-'));
  try {
    execFileSync('apt-get', ['download', '-qq', ...PACKAGES], {
      cwd: debs,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    for (const deb of globSync(join(debs, '*.deb'))) execFileSync('dpkg-deb', ['-x', deb, root]);
    linkMerged(root);
  } finally {
    rmSync(debs, { recursive: true });
  }
}

/** One file of all of Debian's roots, where programs look for it. */
function bundleCertificates(root: string): void {
  const certificates = globSync(join(root, 'usr/share/ca-certificates/mozilla/*.crt')).toSorted();
  mkdirSync(join(root, 'etc/ssl/certs'), { recursive: true });
  const bundle = join(root, 'etc/ssl/certs/ca-certificates.crt');
  writeFileSync(bundle, execFileSync('cat', certificates));
  rmSync(join(root, 'usr/share/ca-certificates'), { recursive: true });
}

/** What Landfall runs on, and nothing beside it: Debian's libraries and the Node whose hash the lockfile has. */
export function makeRuntimeRoot(checkout: string, root: string): void {
  mkdirSync(root, { recursive: true });
  unpackPackages(root);
  bundleCertificates(root);
  for (const pattern of LEFT_OUT)
    for (const path of globSync(join(root, pattern))) rmSync(path, { recursive: true });
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  mkdirSync(join(root, 'usr/local/bin'), { recursive: true });
  copyFileSync(
    join(checkout, `node_modules/node-linux-${arch()}/bin/node`),
    join(root, 'usr/local/bin/node'),
  );
  mkdirSync(join(root, STATE), { recursive: true });
  mkdirSync(join(root, 'tmp'));
  chmodSync(join(root, 'tmp'), 0o1777);
}

/** For `docker exec`: there is no env that would find Node. */
const COMMAND = "#!/usr/local/bin/node\nrequire('/usr/local/lib/landfall/build/landfall.cjs');\n";

/** The command, in a layer of its own: what a new version brings is a megabyte. */
export function makeProgramRoot(checkout: string, root: string): void {
  const folder = join(root, 'usr/local/lib/landfall');
  for (const path of globSync('build/*.{cjs,json}', { cwd: checkout }))
    cpSync(join(checkout, path), join(folder, path));
  mkdirSync(join(root, 'usr/local/bin'), { recursive: true });
  writeFileSync(join(root, 'usr/local/bin/landfall'), COMMAND, { mode: 0o755 });
  for (const name of ['package.json', 'LICENSE']) cpSync(join(checkout, name), join(folder, name));
}
