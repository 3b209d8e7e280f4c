import type { Text } from '../lib/i18n.ts';
import type { en } from './words-en.ts';

export const ru: Readonly<Record<keyof typeof en, Text>> & Readonly<Record<string, Text>> = {
  skip: 'К содержанию', sections: 'Разделы', toInbox: 'К сообщениям', dark: 'Тёмное оформление', light: 'Светлое оформление', signOut: 'Выйти', signIn: 'Войти', close: 'Закрыть', cancel: 'Отмена', save: 'Сохранить',
  saveOf: 'Сохранить: {name}', saved: 'Сохранено', done: 'Готово', add: 'Добавить', change: 'Изменить', changeOf: 'Изменить: {name}', delete: 'Удалить', deleteOf: 'Удалить: {name}', remove: 'Удалить', set: 'Задать', begin: 'Начать', copy: 'Копировать',
  copied: 'Скопировано', gotIt: 'Сохранил(а)', retry: 'Повторить', refresh: 'Обновить', loading: 'Загрузка', show: 'Показать', sort: 'Сначала', all: 'Все', name: 'Имя', state: 'Состояние', actions: 'Действия', created: 'Создано', method: 'Метод', scopes: 'Права',
  everybody: 'Все', everyMethod: 'все методы', untitled: 'Без названия', held: 'Заблокирован', works: 'Работает', hold: 'Блокировать', holdOf: 'Блокировать: {name}', release: 'Разблокировать', releaseOf: 'Разблокировать: {name}',
  revoke: 'Отозвать', revokeOf: 'Отозвать: {name}', endOf: 'Закончить репетицию: {name}', switchOn: 'Включить', switchOff: 'Выключить', pages: 'Страницы', rows: '{from}–{to} из {total}', earlier: 'Назад', later: 'Дальше',
  shownOnce: 'Показывается один раз и нигде не хранится. Скопируйте сейчас.', sessionLost: 'Сеанс завершён', sessionLostText: 'Войдите, чтобы продолжить.',
  'unit.seconds': 'с', 'unit.MB': 'МБ', 'unit.ms': 'мс',
  'error.NETWORK': 'Сервер недоступен.', 'error.SESSION': 'Сеанс завершён.', 'error.ACCESS_DENIED': 'Это может только администратор.',
  'error.EMAIL_TAKEN': 'Этот адрес уже у другого пользователя.', 'error.LAST_ADMINISTRATOR': 'Последний администратор должен остаться.',
  'error.NOT_DELETABLE': 'Личные диалоги, комментарии, общий чат и чаты рабочих групп не удаляются.',

  'section.figures': 'Обзор', 'section.people': 'Люди', 'section.departments': 'Отделы', 'section.chats': 'Чаты', 'section.webhooks': 'Вебхуки', 'section.applications': 'Приложения',
  'section.settings': 'Тариф и настройки', 'section.rehearsals': 'Репетиции', 'section.deliveries': 'Доставка событий', 'section.calls': 'Последние вызовы',

  'people.text': 'Все, кто здесь есть и был, и как они входят.', 'people.add': 'Добавить', 'people.find': 'Имя, должность, почта или номер', 'people.none': 'Никого не найдено.',
  'people.active': 'Работающие', 'people.administrators': 'Администраторы', 'people.guests': 'Гости', 'people.bots': 'Боты', 'people.dismissed': 'Уволенные', 'people.all': 'Все',
  'people.position': 'Должность', 'people.kind': 'Роль', 'people.signIn': 'Вход', 'people.lastActivity': 'Активность', 'people.actionsOf': 'Действия: {name}',
  'people.isAdmin': 'Администратор', 'people.isGuest': 'Гость', 'people.isBot': 'Бот', 'people.isDismissed': 'Уволен', 'people.isMember': 'Сотрудник',
  'people.hasPassword': 'Пароль', 'people.noPassword': 'Без пароля', 'people.sessions': { one: '{n} сеанс', few: '{n} сеанса', many: '{n} сеансов', other: '{n} сеанса' },
  'people.first': 'Имя', 'people.last': 'Фамилия', 'people.email': 'Почта', 'people.emailHint': 'Для входа. Писем мы не отправляем.', 'people.makeAdmin': 'Сделать администратором', 'people.makeGuest': 'Гость: видит только общие чаты', 'people.makeBot': 'Бот',
  'people.added': 'Добавлено. Вот вход', 'people.link': 'Ссылка для входа', 'people.linkText': 'Впускает один раз в течение десяти минут. Показывается один раз.', 'people.linkOf': 'Ссылка: {name}', 'people.newLink': 'Ссылка для входа',
  'people.newPassword': 'Задать пароль', 'people.password': 'Пароль', 'people.passwordText': 'Все сеансы завершатся: {name}.', 'people.passwordHint': 'Не короче восьми знаков. Если пусто, пароль придумаем и покажем один раз.',
  'people.signOut': 'Завершить все сеансы', 'people.signOutText': 'Выход во всех браузерах: {name}. Вебхуки и приложения продолжат работать.',
  'people.makeAdminText': 'Сможет всё, что есть на этой странице: {name}.', 'people.noAdmin': 'Больше не администратор', 'people.noAdminText': 'Чаты и сообщения останутся, эта страница закроется: {name}.',
  'people.dismiss': 'Уволить', 'people.dismissText': 'Вход закроется, сеансы, вебхуки и токены перестанут работать: {name}. Написанное останется.', 'people.dismissSelf': 'Это вы: сеанс завершится сразу, вернуть вас сможет только другой администратор.', 'people.restore': 'Вернуть',

  'departments.text': 'Структура компании.', 'departments.add': 'Добавить отдел', 'departments.none': 'Отделов нет.', 'departments.head': 'Руководитель', 'departments.above': 'Входит в', 'departments.delete': 'Удалить отдел',
  'departments.deleteText': 'Люди и отделы внутри «{name}» перейдут в вышестоящий.',

  'chats.text': 'Все чаты, кто бы в них ни был. Слова здесь не показываются.', 'chats.find': 'Название или номер', 'chats.none': 'Чат не найден.', 'chats.title': 'Чат', 'chats.kind': 'Вид', 'chats.owner': 'Владелец', 'chats.lastActivity': 'Активность',
  'chats.dialog': 'Личный', 'chats.group': 'Группа', 'chats.open': 'Открытый', 'chats.channel': 'Канал', 'chats.open_channel': 'Открытый канал', 'chats.comments': 'Комментарии', 'chats.lines': 'Открытая линия', 'chats.collab': 'Коллаба', 'chats.bound': 'Связанный',
  'chats.by.activity': 'Активные', 'chats.by.messages': 'Сообщения', 'chats.by.members': 'Участники', 'chats.by.files': 'Файлы', 'chats.by.id': 'Новые',
  'chats.membersOf': { one: '{n} участник: {name}', few: '{n} участника: {name}', many: '{n} участников: {name}', other: '{n} участника: {name}' }, 'chats.membersTitle': 'Участники: {name}', 'chats.nobody': 'Никого нет.', 'chats.role': 'Роль', 'chats.joined': 'С какого времени',
  'chats.role.owner': 'Владелец', 'chats.role.manager': 'Менеджер', 'chats.role.member': 'Участник', 'chats.role.guest': 'Гость',
  'chats.delete': 'Удалить чат', 'chats.deleteText': '«{name}»: участников {members}, сообщений {messages}. Всё исчезнет вместе с файлами, отменить нельзя.',

  'webhooks.text': 'Адреса, по которым скрипты действуют от чьего-то имени.', 'webhooks.add': 'Добавить вебхук', 'webhooks.none': 'Вебхуков нет.', 'webhooks.title': 'Название', 'webhooks.titleHint': 'Для чего он.', 'webhooks.user': 'От имени', 'webhooks.userHint': 'Может то же, что этот человек, в пределах прав.', 'webhooks.lastUsed': 'Последний вызов',
  'webhooks.revoke': 'Отозвать вебхук', 'webhooks.revokeText': 'Вызовы «{name}» будут отклонены. Отменить нельзя.', 'webhooks.added': 'Вебхук', 'webhooks.address': 'Адрес',

  'applications.text': 'Программы, в которые входят с учётной записью портала.', 'applications.add': 'Добавить приложение', 'applications.none': 'Приложений нет.', 'applications.redirect': 'Возврат на', 'applications.redirectHint': 'Куда ведёт вход. Если пусто, код покажем на странице.',
  'applications.handler': 'Адрес события установки', 'applications.handlerHint': 'Можно оставить пустым.', 'applications.users': 'Для кого', 'applications.usersHint': 'Номера пользователей через запятую. Пусто: для всех.',
  'applications.someUsers': { one: '{n} пользователь', few: '{n} пользователя', many: '{n} пользователей', other: '{n} пользователя' }, 'applications.added': 'Приложение', 'applications.newSecret': 'Новый секрет', 'applications.newSecretText': 'Прежний секрет «{name}» сразу перестанет работать, токены останутся.',
  'applications.remove': 'Удалить приложение', 'applications.removeText': 'Токены и обработчики «{name}» перестанут работать. Отменить нельзя.',

  'settings.text': 'Изменения действуют сразу и на всех узлах.', 'settings.portal': 'Портал', 'settings.plan': 'Тариф и ограничения', 'settings.files': 'Файлы', 'settings.testing': 'Тем, кто пишет под API', 'settings.closing': 'Закрытие', 'settings.others': 'Ещё',
  'settings.sure.closed': 'Все вызовы станут ошибкой, и на этой странице тоже. Открыть портал сможет только команда: tidemark portal set --no-closed', 'settings.sure.require-https': 'Обычный HTTP будет отклоняться. Если вы сейчас на нём, откройте страницу по HTTPS.',
  'setting.name': 'Название', 'setting.url': 'Адрес', 'setting.timezone': 'Часовой пояс', 'setting.docs': 'Документация', 'setting.link-previews': 'Превью ссылок', 'setting.plan': 'Тариф', 'setting.rest-plan': 'REST', 'setting.operating-limit': 'Время работы методов', 'setting.edit-limit': 'Правка сообщений',
  'setting.file-limit': 'Наибольший файл', 'setting.user-quota': 'Место на человека', 'setting.portal-quota': 'Место на всех', 'setting.rehearsals': 'Репетиции', 'setting.private-handlers': 'Внутренние обработчики', 'setting.calls': 'Последние вызовы',
  'setting.movable-clock': 'Подвижные часы', 'setting.movable-clock.about': 'Разрешить переводить часы командой tidemark clock; каждый ответ говорит, на сколько.', 'setting.code-ttl': 'Срок кодов', 'setting.access-ttl': 'Срок токенов доступа', 'setting.refresh-ttl': 'Срок токенов обновления', 'setting.require-https': 'Только HTTPS', 'setting.closed': 'Портал закрыт',
  'setting.name.about': 'Как называется портал.', 'setting.url.about': 'Адрес, по которому портал виден снаружи; пусто: адрес сервера.', 'setting.timezone.about': 'Пояс всех дат, например Europe/Moscow.', 'setting.docs.about': 'Показывать документацию методов.', 'setting.link-previews.about': 'Смотреть страницы по ссылкам из сообщений и показывать, о чём они.',
  'setting.plan.about': 'Какие ограничения действуют.', 'setting.rest-plan.about': 'Входит ли REST в тариф.', 'setting.operating-limit.about': 'Сколько секунд метод может работать за десять минут; 0: как в тарифе.', 'setting.edit-limit.about': 'Сколько секунд можно править и удалять свои сообщения; 0: всегда.',
  'setting.file-limit.about': 'Наибольший файл; 0: обычные 2048.', 'setting.user-quota.about': 'Место для файлов одного человека; 0: без ограничения.', 'setting.portal-quota.about': 'Место для всех файлов; 0: без ограничения.', 'setting.rehearsals.about': 'Разрешить ошибки по заказу.', 'setting.private-handlers.about': 'Разрешить события на внутренние адреса.', 'setting.calls.about': 'Хранить последнюю тысячу вызовов в памяти для администраторов.',
  'setting.code-ttl.about': 'Сколько действует код входа.', 'setting.access-ttl.about': 'Сколько действует токен доступа.', 'setting.refresh-ttl.about': 'Сколько действует токен обновления.', 'setting.require-https.about': 'Отклонять вызовы по обычному HTTP.', 'setting.closed.about': 'Все вызовы отвечают PORTAL_DELETED.',

  'rehearsals.text': 'Ошибки и задержки по заказу, чтобы увидеть, что делает клиент.', 'rehearsals.add': 'Отрепетировать ошибку', 'rehearsals.none': 'Ничего не репетируется.', 'rehearsals.off': 'Репетиции на портале выключены.',
  'rehearsals.whose': 'Чьи вызовы', 'rehearsals.webhook': 'Вебхук', 'rehearsals.what': 'Что происходит', 'rehearsals.waits': 'ждут {ms} мс', 'rehearsals.left': 'Осталось', 'rehearsals.untilCleared': 'до отмены', 'rehearsals.calls': { one: '{n} вызов', few: '{n} вызова', many: '{n} вызовов', other: '{n} вызова' }, 'rehearsals.end': 'Закончить',
  'rehearsals.error': 'Ошибка', 'rehearsals.noError': 'Нет: только задержка', 'rehearsals.own': 'Другой код', 'rehearsals.ownHint': 'Из объявленных методом, вместо ошибки выше.', 'rehearsals.methodHint': 'Например im.message.add. Пусто: любой метод.', 'rehearsals.next': 'Сколько вызовов', 'rehearsals.rate': 'Какая доля вызовов', 'rehearsals.rateHint': 'Например 0,1, до отмены; вместо числа вызовов.', 'rehearsals.delay': 'Задержка, мс',

  'deliveries.text': 'О чём сообщают приложениям, что они не приняли и почему. Хранится неделю.', 'deliveries.addresses': 'Адреса', 'deliveries.noAddresses': 'За неделю ничего не отправлялось.', 'deliveries.events': 'События', 'deliveries.none': 'Таких событий нет.', 'deliveries.address': 'Адрес', 'deliveries.gone': 'Приложения больше нет',
  'deliveries.failed': 'Не доставлено', 'deliveries.waiting': 'Ждёт', 'deliveries.done': 'Принято', 'deliveries.failedAt': 'Последний отказ', 'deliveries.event': 'Событие', 'deliveries.why': 'Последний ответ', 'deliveries.attempts': { one: '{n} попытка', few: '{n} попытки', many: '{n} попыток', other: '{n} попытки' }, 'deliveries.next': 'Следующая попытка',
  'deliveries.replay': 'Повторить', 'deliveries.replayAll': 'Повторить все', 'deliveries.replayOf': 'Повторить: {name}', 'deliveries.replayed': 'Отправляется снова',

  'calls.text': 'Последняя тысяча вызовов этого сервера, только в памяти; секреты скрыты.', 'calls.off': 'Вызовы сейчас не записываются. В них видны параметры, и слова личных сообщений тоже.', 'calls.none': 'Вызовов ещё нет.', 'calls.method': 'Метод, например im.recent.get или im.*', 'calls.errors': 'Только ошибки',
  'calls.pause': 'Пауза', 'calls.go': 'Продолжить', 'calls.rehearsed': 'Репетиция', 'calls.statements': { one: '{n} запрос', few: '{n} запроса', many: '{n} запросов', other: '{n} запроса' }, 'calls.page': 'страница', 'calls.nobody': 'никто', 'calls.user': 'пользователь {id}',

  'figures.text': '{node} на {engine}: последние пять минут, пока открыта эта страница.', 'figures.ago': '{n} мин назад', 'figures.top': 'наибольшее {top}', 'figures.label': '{title}, последние пять минут: {now}; наибольшее {top}',
  'figures.requests': 'Вызовы в секунду', 'figures.latency': 'Время ответа', 'figures.pushes': 'Уведомления в секунду', 'figures.statements': 'Запросы к базе в секунду', 'figures.waits': 'Работа с базой', 'figures.database': 'База данных', 'figures.hits': 'Списки из памяти', 'figures.lists': 'Списки в памяти', 'figures.memory': 'Память', 'figures.processor': 'Процессор',
  'figures.line.all': 'все', 'figures.line.errors': 'ошибки', 'figures.line.p50': 'p50', 'figures.line.p99': 'p99', 'figures.line.pushes': 'отправлено', 'figures.line.listeners': 'слушают', 'figures.line.statements': 'запросы', 'figures.line.roundTrips': 'ожидания', 'figures.line.unit': 'мс', 'figures.line.retries': 'повторы/с',
  'figures.line.size': 'размер', 'figures.line.hitRate': 'попадания', 'figures.line.listsBytes': 'память', 'figures.line.process': 'процесс', 'figures.line.heap': 'куча', 'figures.line.processor': 'занят',
};
