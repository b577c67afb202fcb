import { openDirectoryStore } from '../../shared/store/directory-store.ts';
import { openMemoryStore } from '../../shared/store/memory-store.ts';
import { artifactStoreSuite } from '../conformance/artifact-store.ts';
import { folder } from './support/folder.ts';

artifactStoreSuite('memory', async () => openMemoryStore());
artifactStoreSuite('directory', async (t) => openDirectoryStore(folder(t), { durable: false }));
artifactStoreSuite('durable directory', async (t) => openDirectoryStore(folder(t)));
