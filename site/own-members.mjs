// For TypeDoc: a class's page has the members that are its own; what it inherits stands at the class that has it.
import { Converter } from 'typedoc';

export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_END, (context) => {
    for (const reflection of Object.values(context.project.reflections)) {
      if (reflection.inheritedFrom && reflection.name !== 'constructor') context.project.removeReflection(reflection);
    }
  });
}
