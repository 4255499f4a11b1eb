# Todo lo que Twoticks dice en español. Corto, amable, exacto, sin culpar a nadie (PRODUCT sección 8).

## Botones
button-all-written = Todo anotado ✓
button-others-written = Los demás, anotado ✓
button-mark-one = Marcar uno
button-no-homework = Sin deberes
button-not-today = Hoy no
button-written = Anotado
button-not-written = No anotado
button-absent = Ausente
button-change = Cambiar
button-back = Atrás
button-more-names = Más nombres
button-were-written = Estaba anotado ✓
button-dont-know = No lo sé
button-all-done = Todo hecho ✓
button-others-done = Lo demás, hecho ✓
button-something-missing = Falta algo
button-cant-check = Hoy no puedo mirarlo
button-done = Hecho
button-partly = En parte
button-not-done = No hecho
button-skip = Saltar
button-rushed = Hecho, pero con prisa
button-instead = Respondo yo
button-see-differently = Yo lo veo distinto
button-right = Sí, es correcto
button-not-mine = No es mi hijo/a
button-yes-join = Sí, me uno
button-no-thanks = No, gracias
button-yes-thats = Sí, es { $name }
button-no = No
button-yes-all = Sí a todos
button-is-away = { $child } no está
button-only-mine = Solo mis mensajes
reason-forgot = Se olvidó
reason-too-hard = Muy difícil
reason-no-time = Sin tiempo
reason-left-at-school = Se quedó en el colegio
reason-unwell = No se sentía bien
reason-other = Otra cosa

## La tarjeta del docente
teacher-preview = { $date } · ¿agendas vistas?
planners-seen = ¿agendas vistas?
which-name = ¿Cuál?
lines-open = { $count ->
    [one] 1 abierta
   *[other] { $count } abiertas
}
all-written = { $count ->
    [one] anotado
    [2] los dos anotados
   *[other] los { $count } anotados
}
some-written = { $count ->
    [0] respondido
    [one] 1 anotado
   *[other] { $count } anotados
}
cant-say-today = hoy no se sabe
no-homework-all = sin deberes
nobody-to-ask = hoy no hay nada que mirar
child-state = { $child }: { $state }
state-written = anotado
state-not-written = no anotado
state-no-homework = sin deberes
state-absent = ausente
state-cant-say = hoy no se sabe
state-no-answer = abierto
state-not-asked = abierto
state-dont-know = no se sabe
state-expected = abierto
changed-at = cambiado { $time }
last-night = Anoche en casa: { $what }
tonight = En casa: { $what }
earlier-night = El { $weekday } en casa: { $what }
earlier-open = { $count ->
    [one] El { $weekday }, 1 abierta: { $names }
   *[other] El { $weekday }, { $count } abiertas: { $names }
}
nudge-over = Esta pregunta ha terminado. La tarjeta del día todavía admite respuesta.
home-count-done = { $count } con todo hecho
home-child-done = { $child }: todo hecho
home-done = hecho
home-cant-say = no se sabe
home-no-answer = sin respuesta
home-not-asked = sin preguntar
home-two-answers = dos respuestas de casa
home-not-all-done = no todo hecho
home-not-joined = Su familia todavía no se ha unido: { $names }
class-not-done = { $course } sin hacer
class-partly = { $course } a medias
was-not-written = { $what } (no estaba anotado)
late-mark = { $what }, tarde
more-exceptions = + { $count }
yesterday-open = { $count ->
    [one] Ayer, 1 abierta: { $names }
   *[other] Ayer, { $count } abiertas: { $names }
}
has-stopped = { $name } ha dejado de recibir mensajes aquí.
has-lost = Los mensajes a { $name } no llegan.
report-ends = El informe diario de { $child } termina con la tarjeta de hoy.
report-rests = El informe de { $child } descansa: en casa todavía no se ha unido nadie.
teacher-nudge = { $count ->
    [one] Hoy queda 1 agenda abierta: { $names }
   *[other] Hoy quedan { $count } agendas abiertas: { $names }
}
nudge-answered = Respondido por { $name }, { $time }
day-closed = Ese día ya está cerrado.

## La tarjeta de casa
all-written-home = todo anotado ✓
things-to-look-at = { $count ->
    [one] 1 cosa que mirar
   *[other] { $count } cosas que mirar
}
some-confirmed = { $count } de { $total } confirmadas
none-confirmed = sin confirmar todavía
let-show = Pídele a { $child } que te enseñe la agenda.
ask-to-show = Pregúntale a { $child } y que te enseñe la agenda.
class-written = { $course } ✓
class-no-homework = { $course }: sin deberes
class-absent = { $course }: no estuvo en clase
class-not-written = { $course }: no anotado
class-cant-say = { $course }: hoy no se sabe
class-not-confirmed = { $course }: sin confirmar todavía
class-not-confirmed-by = { $course }: { $teacher } aún no lo ha confirmado
answers-tonight = Hoy responde { $name }.
about-child = { $child }: ¿qué tal ha ido?
done = hecho
done-rushed = hecho, con prisa
cant-check = hoy no se puede mirar
cant-check-thanks = No pasa nada. Gracias por decirlo.
late = tarde
no-answer = sin respuesta
thats-all-right = No pasa nada. Todavía puedes responder.
two-answers = dos respuestas: { $what }
who-says = { $name }, { $what }
word-done = hecho
word-partly = a medias
word-not-done = sin hacer
thanks = Gracias.
and-the-others = ¿{ $courses }?
which-class = { $child }: ¿qué asignatura?
state-question = { $child } · { $course }: ¿hasta dónde ha llegado?
reason-question = { $child } · { $course }: ¿qué lo ha impedido?
home-nudge = ¿Qué tal los deberes de { $child }?
nothing-tonight = hoy no hay nada que mirar

## Unirse
join-preview = Un mensaje de { $school }
join-hello = Hola. Te unes por { $who }. ¿Es correcto?
join-kept = Guardamos quién confirmó qué y cuándo.
join-seen = Lo ven los docentes de tu hijo o hija. Se guarda hasta un año después de este curso.
join-ends = Con STOP se acaba al momento.
join-thanks = Gracias. El colegio confirma que eres tú y entonces empieza.
join-waits = El colegio confirma que eres tú y entonces empieza. Hasta entonces solo puedo decir esto.
join-refused = No hemos podido confirmarlo. Pregunta en el colegio, por favor.
join-no-more = De acuerdo. Esta invitación no está en uso.
welcome = Te damos la bienvenida.
welcome-guardian = Los días de clase, a las { $time }, recibes una tarjeta sobre { $child }.
welcome-teacher = Te damos la bienvenida. Cada día de clase, a las { $time }, recibes una tarjeta; si todo está anotado, es un toque.
welcome-coordinator = Te damos la bienvenida. Cuidas los informes diarios de tu colegio.
welcome-third = Te damos la bienvenida. Escribe estado cuando quieras ver la semana.
welcome-stop = Escribe ayuda cuando quieras. Con STOP se acaba al momento.
claims-preview = { $count ->
    [one] Una persona quiere unirse
   *[other] { $count } personas quieren unirse
}
claim-line = { $name } quiere unirse por { $child }.
claim-line-named = { $name } (en { $platform }: { $account }) quiere unirse por { $child }.
claim-joined = { $name } se ha unido por { $child }.
claim-refused = { $name } no se ha unido por { $child }.
claims-none = Nadie espera para unirse.
code-not-working = Este código no funciona. Pide uno nuevo en el colegio, por favor.
already-joined = Ya formas parte. Escribe ayuda para ver qué puedes hacer.
stranger = Hola. Solo escribo con personas a las que su colegio ha invitado. Si tienes una carta, escribe join y su código. Si no, pide uno al colegio.
slow-down = Han sido muchos mensajes seguidos. Escribe otra vez en un minuto, por favor.
write-directly = Escríbeme directamente, por favor.
slash-reply = Te he escrito directamente.
our-fault = Algo ha fallado por mi parte y lo he anotado ({ $fault }). Inténtalo de nuevo, por favor.

## Respuestas
not-for-you = Esta pregunta no es para ti.
not-understood = No lo he entendido. Tu texto no se ha guardado ni ha llegado a nadie.
help-teacher = Cada día de clase recibes una tarjeta. Un toque si todo está anotado; Marcar uno para las excepciones.
help-guardian = Cada día de clase recibes una tarjeta por la tarde. Un toque si todo está hecho.
help-words = Puedes escribir: hoy · estado · por qué · quién · pausa · seguir · ajustes · alto
help-preview = Lo que puedes escribir
today-later = Tu tarjeta llega a las { $time }.
today-no-school = Hoy no hay clase; tampoco tarjeta.
today-nothing = Hoy no hay nada que responder.
status-line = { $child }: anotado { $written } de { $confirmed } confirmadas · hecho { $done } de { $answered } noches respondidas
status-nobody = Ahora nadie sigue un informe diario contigo.
status-preview = Esta semana hasta ahora
who-school = Colegio: { $names }
who-home = Casa: { $names }
who-not-joined = { $name } (todavía no se ha unido)
pause-question = ¿Qué debe descansar hoy?
pause-away = { $child } no está hoy. Nadie recibe una tarjeta.
pause-mine = Tus mensajes descansan hoy.
stopped = Ya no recibes más mensajes aquí.
stopped-back = Escribe START para volver.
back-again = Qué bien tenerte de vuelta. Tus tarjetas llegan de nuevo.
attached = Gracias. Solo leo texto y botones; no guardo fotos, audios ni archivos.
left-behind = Esta tarjeta sigue más abajo.

## Ajustes
settings-title = Ajustes
settings-language = Idioma: { $language }
settings-card-teacher = Tu tarjeta de clase: { $time }
settings-card-guardian = Tu tarjeta de la tarde: { $time }
settings-hours = Los mensajes pueden sonar: { $start } – { $end }
settings-hours-teacher = Como docente, los mensajes pueden sonar: { $start } – { $end }
settings-hours-guardian = En casa, los mensajes pueden sonar: { $start } – { $end }
settings-zone = Tu reloj: { $zone }
settings-app = Las tarjetas llegan por: { $app }
settings-nights = Tardes: { $nights }
settings-resting = Tus mensajes descansan hasta el { $date }.
button-language = Idioma
button-card-time = Hora de la tarjeta
button-card-time-teacher = Hora, tarjeta de clase
button-card-time-guardian = Hora, tarjeta de la tarde
button-hours = Horario
button-hours-teacher = Horario en el colegio
button-hours-guardian = Horario en casa
button-zone = Mi reloj
button-nights = Quién responde
button-stand-in = Suplente
button-app = Aplicación
button-school-day = Día de colegio
button-other-time = Otra hora
button-as-school = Como el colegio
button-from = Desde { $time }
button-until = Hasta { $time }
button-another-app = Añadir otra aplicación
button-today = Hoy
button-tomorrow = Mañana
button-until-tomorrow = Hoy y mañana
button-this-week = Esta semana
button-other-day = Otro día
button-no-school = Sin colegio
button-school-open = Día normal
button-ends-at = Termina { $time }
button-yes-gladly = Sí, con gusto
button-use-it = Usarlo
button-keep-old = Dejarlo como estaba
button-undo = Deshacer
button-undo-name = Deshacer { $name }
which-language = ¿En qué idioma?
which-card-time = ¿Cuándo quieres tu tarjeta? Ahora { $time }; entre { $start } y { $end }.
which-hours = ¿Cuándo pueden sonar los mensajes? Ahora { $start } – { $end }.
which-app = ¿Dónde quieres tus tarjetas?
which-nights = ¿De quién es cada tarde? Un toque la pasa a la siguiente persona.
which-school-day = ¿Qué día?
what-school-day = { $date }: ¿cómo es?
which-stand-in = ¿Quién responde a tu tarjeta?
no-stand-in = Ningún colega de estos niños se ha unido todavía.
which-stand-in-days = { $name }: ¿qué días?
write-card-time = Escribe una hora entre { $start } y { $end }, como 6:15 p.m.
write-card-time-anew = No entendí esa hora. Escribe una entre { $start } y { $end }, como 6:15 p.m.
write-card-time-outside = Las tarjetas llegan entre { $start } y { $end }. Escribe una hora así, como 6:15 p.m.
write-hours = Escribe desde cuándo hasta cuándo, como 7:00-20:00.
write-hours-anew = No lo entendí. Escribe desde cuándo hasta cuándo, como 7:00-20:00.
write-zone = Escribe una ciudad grande cerca de ti. La del colegio es { $zone }.
write-zone-anew = No conozco esa ciudad. Escribe una más grande. La del colegio es { $zone }.
write-stand-in = Escribe el día en que vuelves, como lunes o 12 de octubre.
write-stand-in-anew = No entendí ese día. Escríbelo como lunes o 12 de octubre.
write-dismissal = Escribe cuándo terminan las clases, como 12:30 p.m.
write-dismissal-anew = No entendí esa hora. Escríbela como 12:30 p.m.
another-app-code = En tu otra aplicación escribe:
another-app-lasts = Sirve durante una hora.
second-account = Hola. Esta cuenta también es tuya ahora. Elige en ajustes dónde llegan tus tarjetas.
stand-in-asked = Se lo preguntamos a { $name }. Nada cambia antes del sí.
stand-in-preview = Un colega tiene una pregunta
stand-in-question = { $name } pregunta: ¿respondes a la tarjeta de tareas desde el { $first }? Vuelve el { $back }.
stand-in-takes = { $name } responde a tu tarjeta hasta el { $date }.
stand-in-cannot = { $name } no puede esta vez. Tu tarjeta te llega a ti.
stand-in-yes = Gracias. La tarjeta te llega a ti.
stand-in-no = De acuerdo. Nada cambia.
declared-closed = { $date }: sin colegio. No se pregunta a nadie.
declared-early = { $date }: día corto. Las tarjetas siguen la salida.
declared-open = { $date }: día normal.
no-school-after-all = { $date }: el colegio está cerrado. Esta noche no hay nada que mirar.
school-after-all = { $date }: al final sí hay colegio.
calendar-changed = El calendario escolar ha cambiado
calendar-used = Ya se usa.
calendar-kept = Se queda como estaba.
calendar-done = Alguien ya lo decidió.
calendar-closed-added = Nuevo: sin colegio { $days }
calendar-closed-gone = Otra vez hay colegio: { $days }
calendar-early-added = Nuevo: día corto { $days }
calendar-early-gone = Otra vez día completo: { $days }
calendar-letters-added = Nuevas letras de día desde { $days }
calendar-letters-gone = Ya no hay letras de día desde { $days }
card-closed = Esta tarjeta está cerrada.

## Personas y descanso
pause-question-until = ¿Qué descansa hasta el { $date }?
pause-away-until = { $child } no está hasta el { $date }. Nadie recibe tarjeta.
pause-mine-until = Tus mensajes descansan hasta el { $date }.
pause-by-name = Escribe quién y un nombre. Allí puedes dejar descansar un informe.
today-resting = Hoy tus mensajes descansan. Escribe seguir para continuar.
button-report-rests = Que el informe descanse
button-report-goes-on = Que siga
pause-resume = Escribe seguir para continuar antes.
button-another-day = Hasta otro día
write-back = Escribe el día en que sigue, como lunes o 12 de octubre.
write-back-anew = No entendí ese día. Escríbelo como lunes o 12 de octubre.
rests-home = El informe diario de { $child } descansa hasta el { $date }, dice la casa.
rests-school = El informe diario de { $child } descansa hasta el { $date }, dice el colegio.
rests-preview = Un informe diario descansa un tiempo
resumed-mine = Tus mensajes llegan otra vez.
resumed-child = El informe diario sigue: { $child }.
resumed-nothing = Nada estaba en descanso.
who-teacher = { $name } ({ $course })
who-stand-in = { $name } ({ $course }, suplente)
who-third = { $name }
who-until = { $name } (hasta el { $date })
who-thirds = También: { $names }
who-name-one = Escribe quién y el nombre, por ejemplo: quién Ana Romero.
who-unknown = No conozco a ese niño o niña aquí. Escribe el nombre como en el colegio.
who-which = ¿Quién? Escribe el nombre entero: quién { $names }
who-joined = Ya se unió. No hace falta un código.
write-guardian-anew = No pude leerlo como nombre. Escríbelo como Lucía Romero, o Lucía Romero, español.
who-ended = El colegio terminó este vínculo. Pregunta a la coordinación.
preview-who = Quién lee esto
button-new-code = Código: { $name }
button-end-link = Terminar: { $name }
button-another-guardian = Invitar a otra persona en casa
button-yes-end = Sí, terminarlo
button-agree = De acuerdo
end-question = { $name } ya no recibe nada sobre { $child }, desde este momento. ¿Es correcto?
link-ended = Ha terminado. Ya no llega nada allí.
new-code = Para { $name }, para entregar en persona:
new-code-how = Sirve una vez, durante 14 días. No lo guardo, así que anótalo ahora.
write-guardian = ¿Quién responde en casa? Escribe el nombre y, si quieres, el idioma: Lucía Romero, español.
guardian-added = Ya tienes el código. Puede unirse enseguida.
agree-question = El colegio pregunta: ¿puede { $name } leer sobre { $child } hasta el { $date }?
agree-what = Ve los números de la semana. Puedes terminarlo cuando quieras: escribe quién.
agree-yes = Gracias. Empieza cuando el colegio también diga que sí.
agree-no = De acuerdo. No lee nada.
claim-line-provider = { $name } quiere leer sobre { $child }, con el sí de la casa, durante 90 días.
preview-add = Niños para el informe diario
add-teachers-only = Aquí los docentes añaden niños a sus clases. La oficina importa una lista.
add-write-names = Escribe los nombres, uno en cada línea.
add-which-class = ¿Qué clase?
add-again = Escribe añadir y los nombres otra vez.
add-which = Hay dos niños con el nombre { $child }. Escribe también el grupo: { $child } (7B).
help-add = Un docente añade niños: escribe añadir y los nombres.
add-look = Nuevo en { $course }, mira por favor:
add-new = Nuevo: { $child }
add-known = Ya lo conocemos: { $child }
add-starts = El informe diario empieza el próximo día de colegio.
add-done = Gracias. El informe diario empieza el próximo día de colegio: { $child }.
button-add-them = Añadirlos
button-invite-family = { $child }: invitar a casa
setup-title = { $school }
setup-roster = Niños: { $children }, con informe diario: { $daily }
setup-calendar = Días libres conocidos desde hoy: { $days }
setup-joined = Unidos: docentes { $teachers }, casas { $homes } de { $daily }
setup-do-roster = Ahora: la oficina usa «twoticks roster import», o un docente escribe añadir.
setup-do-calendar = Ahora: la oficina añade el calendario del colegio a su configuración.
setup-do-letters = Ahora: la oficina imprime cartas con «twoticks invite --letters».
button-homes-apart = Casas separadas
button-homes-together = Casas juntas
other-home = la otra casa
setup-lost = { $count ->
    [one] Los mensajes a una persona no llegan.
   *[other] Los mensajes a { $count } personas no llegan.
}
unreached-preview = A alguien no le llegan los mensajes
unreached-other = { $about }: mientras tanto se pregunta a { $name }.
unreached-nobody = { $about }: ahora no se puede preguntar a nadie más.
unreached-back = Los mensajes a { $name } llegan de nuevo.
unreached-help = A quien me escriba de nuevo le llegarán otra vez. “quién” da un código nuevo.
setup-runs = Todo está listo.
button-look-again = Mirar otra vez

## Por qué
why-preview = Por qué llegó o no una tarjeta
why-nothing = No hubo nada que contarte en los últimos siete días.
why-closed = el colegio estaba cerrado ({ $title }).
why-closed-plain = el colegio estaba cerrado.
why-answered-by = { $name } respondió, así que no hubo recordatorio.
why-sent = tu tarjeta llegó a las { $time }.
why-nudged = Un recordatorio llegó a las { $time }.
why-answered = Respondiste a las { $time }, así que no hubo recordatorio.
why-capped = Ya tenías bastantes mensajes esa semana, así que no hubo recordatorio.
why-resting = tus mensajes descansaban.
why-lost = mis mensajes no te llegaban.
why-stopped = habías terminado los mensajes.
why-later = tu tarjeta llega a las { $time }.
why-no-homework = ninguna clase tenía deberes.
why-missed = yo no funcionaba a tiempo. Ese día no cuenta.
why-no-copy = se preguntó a otra persona; aquí las copias suenan. Escribe hoy para verla.
why-nothing-to-ask = no había nada que preguntarte.
why-away = { $child } no estaba.
why-paused = el informe diario descansaba: { $child }.
why-finished = el informe diario terminó: { $child }.
why-no-report = no había ningún informe diario.

## Cartas
letter-dear = Hola, { $name }:
letter-together = Gracias por acompañar los deberes junto al colegio.
letter-guardian = Twoticks es, cada día de clase, una tarjeta sobre los deberes y dos toques.
letter-confirms = Cuando te unas, el colegio confirma que eres tú. Entonces empieza.
letter-stop = Escribe STOP y se acaba al momento.
letter-teacher = Twoticks es una tarjeta cada día de clase: quién tiene los deberes anotados.
letter-one-tap = Si todo está anotado, es un solo toque.
letter-others = Twoticks es un breve informe diario sobre los deberes, entre el colegio y la casa.
letter-help = Cuando te unas, escribe ayuda para ver qué puedes hacer.
letter-about = Te unes por
letter-scan = Escanea esto para abrir Telegram.
letter-code = Tu código
letter-or = O escríbelo tú:
letter-telegram = Telegram: escribe { $typed } a { $bot }.
letter-slack = Slack: escribe { $typed } a la app Twoticks.
letter-somewhere = Escribe { $typed } a Twoticks en la app que usa tu colegio.
letter-until = Vale hasta el { $date }, { $time }
letter-questions = ¿Preguntas? El colegio te ayuda con gusto.
letter-once = Se entrega en mano; sirve una sola vez.

## Nombres que pega un docente
pasted-nothing = Línea { $line }: no encontré ningún nombre.
pasted-long = Línea { $line }: es muy larga para un nombre. Envía un nombre por línea, por favor.
pasted-comma = Línea { $line }: ¿“{ $said }” es un nombre o son dos? Envía uno por línea, por favor.
pasted-many = Leo { $count } nombres a la vez. Envía “{ $said }” y los demás en otro mensaje, por favor.
pasted-contact = Línea { $line }: tomé “{ $said }” y no guardé el número ni la dirección.
pasted-beside = Línea { $line }: tomé “{ $said }” y dejé fuera lo que está al lado.
pasted-twice = Línea { $line }: “{ $said }” está dos veces en la lista y cuenta una vez.
pasted-one-word = Línea { $line }: “{ $said }” es un solo nombre. Con un apellido no hay confusión.
pasted-turned = Lo leí como un solo nombre, “{ $said }”. Si son dos, envíalos en dos líneas.

## El menú
command-today = La tarjeta de hoy otra vez
command-status = La semana hasta ahora
command-who = Quién lee esto
command-pause = Descanso por hoy
command-stop = Terminar todos los mensajes
command-why = Por qué llegó o no una tarjeta
command-resume = Que siga lo que descansa
command-settings = Idioma, horas, aplicación
command-help = Lo que puedo hacer

## Lo que se puede escribir, con comas entre las variantes
say-today = hoy, tarjeta
say-status = estado
say-who = quién
say-pause = pausa
say-stop = alto, parar, basta, para
say-help = ayuda
say-join = unir, unirme
say-start = empezar
say-back = volver
say-settings = ajustes, configuración
say-language = idioma, lengua
say-resume = seguir, reanudar, continuar
say-why = por qué, porqué
say-add = añadir, agregar

## La página de prueba
page-title = Twoticks
page-subtitle = Dos toques al día: anotado en clase, hecho en casa.
page-clock = Reloj del colegio
page-next = Siguiente ⏩
page-hour = +1 hora
page-day = Día siguiente
page-days = Días preparados
page-days-well = Todo bien
page-days-teacher = El docente no responde
page-days-parent = La familia no responde
page-diaz = El Sr. Díaz responde
page-language = Idioma
page-app = app
page-bot = bot
page-type-here = Escribe un mensaje
page-send = Enviar
page-silent = sin sonido
page-rang = con sonido
page-edited = editado
page-empty = Todavía nada. Adelanta el reloj.
page-restart-hint = Twoticks ha terminado. Vuelve a empezar con: twoticks demo
page-role-okafor = Profesora de Mates, en Slack
page-role-lucia = La madre de Ana, en Telegram
page-role-tom = El padre de Ana, en Telegram
page-open-at = Twoticks está abierto en { $address } (Ctrl+C lo cierra)
