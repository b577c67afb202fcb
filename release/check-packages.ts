import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { exit, stdout } from 'node:process';
import { readLockfile } from './lockfile.ts';
import { packageFaults } from './package-rules.ts';

/** `npm run check:packages`: what rules say of the tree of packages, and what the registry knows against any of them. */
function checkPackages(root: string): number {
  const lockfile = readLockfile(root);
  const faults = packageFaults(lockfile.values());
  for (const fault of faults) stdout.write(`${fault}\n`);
  stdout.write(`${lockfile.size} packages, each fixed by version and sha512: ${faults.length} faults\n`);
  const { stdout: said, status } = spawnSync('npm', ['audit', '--json'], { cwd: root, encoding: 'utf8' });
  const audited = /"vulnerabilities":/.test(said);
  if (!audited)
    stdout.write(
      'npm audit: the registry of this machine does not answer it; what is known of packages was not asked\n',
    );
  else
    stdout.write(
      status === 0 ? 'npm audit: nothing is known against any\n' : `npm audit found something:\n${said}\n`,
    );
  return faults.length > 0 || (audited && status !== 0) ? 1 : 0;
}

exit(checkPackages(join(import.meta.dirname, '..')));
