import { LandfallError } from '../errors.ts';
import { clashKey } from '../unpack/clash-key.ts';
import { quoteName } from '../unpack/entry-path.ts';

interface Claim {
  readonly path: string;
  readonly part: string;
  readonly isFolder: boolean;
}

const refused = (why: string): LandfallError =>
  new LandfallError('COMPOSE_REFUSED', why, {
    hint: 'Put one of them elsewhere (to), or take less of it (from): no rule of onClash decides this.',
  });

/**
 * The names of a composed artifact, and whose they are: a name is a file or a folder, and no two are one on a file system
 * that folds case or normalises Unicode.
 */
export class ClaimedNames {
  readonly #byKey = new Map<string, Claim>();

  /** Of a file or link. @throws LandfallError COMPOSE_REFUSED naming both parts */
  claim(path: string, part: string): void {
    this.#claimAbove(path, part);
    this.#add({ path, part, isFolder: false });
  }

  /** @throws LandfallError COMPOSE_REFUSED naming both parts */
  claimFolder(path: string, part: string): void {
    this.#claimAbove(path, part);
    this.#add({ path, part, isFolder: true });
  }

  #claimAbove(path: string, part: string): void {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const folder = path.slice(0, end);
      const isKnown = this.#add({ path: folder, part, isFolder: true });
      if (isKnown) return;
    }
  }

  /** Whether it was there. */
  #add(claim: Claim): boolean {
    const key = clashKey(claim.path);
    const other = this.#byKey.get(key);
    if (other === undefined) {
      this.#byKey.set(key, claim);
      return false;
    }
    if (other.path !== claim.path)
      throw refused(
        `${quoteName(other.path)} of ${other.part} and ${quoteName(claim.path)} of ${claim.part} differ only in case or Unicode form`,
      );
    if (other.isFolder && claim.isFolder) return true;
    const [file, folder] = other.isFolder ? [claim, other] : [other, claim];
    throw refused(`${quoteName(claim.path)} is a file of ${file.part} and a folder of ${folder.part}`);
  }
}
