import { describe, expect, it } from '@jest/globals';
import { sectionsOf } from './sections-of.js';

describe('the section of a node', () => {
  it('is the nearest one that holds it, itself included; the chapter where there is none', () => {
    const sections = sectionsOf([
      { id: 'chapter', kind: 'chapter' }, { id: 'direct', kind: 'paragraph', parentId: 'chapter' },
      { id: 'section', kind: 'section', parentId: 'chapter' }, { id: 'inner', kind: 'section', parentId: 'section' }, { id: 'deep', kind: 'paragraph', parentId: 'inner' },
    ]);
    expect(Object.fromEntries(sections)).toEqual({ chapter: 'chapter', direct: 'chapter', section: 'section', inner: 'inner', deep: 'inner' });
  });

  it('ends also where nodes hold one another, or their holder is missing', () => {
    const sections = sectionsOf([{ id: 'a', kind: 'paragraph', parentId: 'b' }, { id: 'b', kind: 'paragraph', parentId: 'a' }, { id: 'c', kind: 'paragraph', parentId: 'gone' }]);
    expect(sections.get('c')).toBe('c');
    expect(sections.size).toBe(3);
  });
});
