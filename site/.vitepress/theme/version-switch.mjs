// The versions that lie beside this one are known only when a page is read: later ones come without building this anew.
import { useData } from 'vitepress';
import { defineComponent, h, onMounted, ref } from 'vue';

export const VersionSwitch = defineComponent(() => {
  const { base } = useData().site.value;
  const own = base.split('/').at(-2);
  const above = base.slice(0, -own.length - 1);
  const versions = ref([own]);

  onMounted(async () => {
    const answer = await fetch(`${above}versions.json`).catch(() => undefined);
    if (answer?.ok) versions.value = await answer.json();
  });

  /** The same page in another version, or its first page where it has no such page. */
  const go = async ({ target }) => {
    const place = `${above}${target.value}/`;
    const page = place + location.pathname.slice(base.length);
    const answer = await fetch(page, { method: 'HEAD' }).catch(() => undefined);
    location.href = answer?.ok ? page : place;
  };

  return () =>
    h(
      'select',
      { class: 'version-switch', 'aria-label': 'Version', value: own, onChange: go },
      versions.value.map((version) =>
        h('option', { key: version, value: version, selected: version === own }, version),
      ),
    );
});
