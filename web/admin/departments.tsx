/** The company's structure. */
import { Icon } from '../lib/icons.tsx';
import { change, useCall } from './calls.ts';
import { ask, confirm, type Field } from './forms.tsx';
import { Head, Table } from './parts.tsx';
import { t } from './words.ts';

interface Department {
  ID: string;
  NAME: string;
  PARENT?: string;
  UF_HEAD?: string;
}

interface Placed extends Department {
  depth: number;
  path: string;
}

const ALL = { SORT: 'NAME', ORDER: 'ASC' };

export function Departments() {
  const loaded = useCall<Department[]>('department.get', ALL);
  const placed = loaded.data && inOrder(loaded.data);
  const { data: people = [] } = useCall<Array<{ id: number; name: string }>>('tidemark.people.list', { STATE: 'active', LIMIT: 200 });
  const names = new Map(people.map(({ id, name }) => [String(id), name]));
  return (
    <section>
      <Head title={t('section.departments')} text={t('departments.text')}>
        <button type="button" class="button main" disabled={!placed?.length} onClick={() => edit(placed!, names)}><Icon name="plus" size={18} />{t('departments.add')}</button>
      </Head>
      <Table label={t('section.departments')} loaded={{ ...loaded, data: placed }} keyOf={({ ID }) => ID} empty={t('departments.none')} columns={[
        { name: t('name'), main: true, show: ({ NAME, depth }) => <span class={`tree depth-${Math.min(depth, 6)}`}><bdi>{NAME}</bdi></span> },
        { name: t('departments.head'), show: ({ UF_HEAD: head }) => (head && head !== '0' ? (names.get(head) ?? `#${head}`) : <span class="quiet">–</span>) },
        { name: t('actions'), actions: true, show: (department) => <>
          <button type="button" class="button small" aria-label={t('changeOf', { name: department.NAME })} onClick={() => edit(placed!, names, department)}>{t('change')}</button>
          {department.depth > 0 && <button type="button" class="button small danger" aria-label={t('deleteOf', { name: department.NAME })} onClick={() =>
            confirm(t('departments.delete'), t('departments.deleteText', { name: department.NAME }), t('delete'), () => change('department.delete', { ID: department.ID }))}>{t('delete')}</button>}
        </> },
      ]} />
    </section>
  );
}

function edit(all: readonly Placed[], names: ReadonlyMap<string, string>, department?: Placed): void {
  const isTop = department?.depth === 0;
  const fields: Field[] = [
    { name: 'NAME', label: t('name'), value: department?.NAME ?? '', required: true },
    ...(isTop ? [] : [{ name: 'PARENT', label: t('departments.above'), kind: 'choice' as const, value: department?.PARENT ?? all[0]!.ID, options: all.filter(({ ID }) => ID !== department?.ID).map(({ ID, path }) => [ID, path] as const) }]),
    { name: 'UF_HEAD', label: t('departments.head'), kind: 'choice', value: department?.UF_HEAD ?? '0', options: [['0', '–'], ...names] },
  ];
  ask({
    title: department ? department.NAME : t('departments.add'), fields, submit: department ? t('save') : t('add'),
    run: (values) => (department ? change('department.update', { ID: department.ID, ...values }) : change('department.add', values)),
  });
}

/** Each below the one that it belongs to. */
function inOrder(departments: readonly Department[]): Placed[] {
  const ids = new Set(departments.map(({ ID }) => ID));
  const below = (parent: string | undefined, depth: number, path: string): Placed[] =>
    departments
      .filter(({ PARENT, ID }) => (parent === undefined ? !PARENT || PARENT === '0' || !ids.has(PARENT) : PARENT === parent && ID !== parent))
      .flatMap((department) => {
        const own = path ? `${path} / ${department.NAME}` : department.NAME;
        return [{ ...department, depth, path: own }, ...(depth < 50 ? below(department.ID, depth + 1, own) : [])];
      });
  return below(undefined, 0, '');
}
