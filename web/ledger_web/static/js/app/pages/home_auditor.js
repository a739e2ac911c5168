/** An auditor's first page: where to go, and a batch to trace. */
import { $$ } from '../dom.js';
import { check, valuesOf } from '../forms.js';

for (const form of $$('form[data-goto]')) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (check(form)) location.assign(form.dataset.goto + encodeURIComponent(valuesOf(form).batch));
  });
}
