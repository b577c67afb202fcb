import { directoryObjectStore } from '../../shared/store/directory/directory-object-store.ts';
import { memoryObjectStore } from '../../shared/store/memory/memory-object-store.ts';
import { objectStoreSuite } from '../conformance/object-store.ts';
import { folder } from './support/folder.ts';

objectStoreSuite('memory', async () => memoryObjectStore());
objectStoreSuite('directory', async (t) => directoryObjectStore(folder(t), { durable: false }));
