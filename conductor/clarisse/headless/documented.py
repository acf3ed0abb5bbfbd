"""What Clarisse documents, as data: every class with its calls and what they take.

A call that is listed here and not implemented raises ``NotInStandIn``; one that is not listed is
an ``AttributeError``, as in Clarisse. The heading of each class is its section in
``docs/clarisse-host-notes.md``. Known from the vendor's SDK pages, its shipped Python helper, and
from submitters that ran in production (cioclarisse 0.3.2 and its 2019 predecessor). What the
commands take follows the vendor's SDK page of commands (5.0 SP14) and calls in public scripts.

Grammar of a row: ``name(argument, argument?, argument*)``; ``?`` marks an optional argument, ``*``
any number of them; a name listed twice has two overloads. Arguments: ``text`` (str, or bytes read
as UTF-8), ``int``, ``float``, ``bool``, ``texts`` (an iterable of texts), ``item`` (or None),
``any``, ``path`` (a text, or an item or attribute, which stands for its full name), ``paths`` and
``ints`` (iterables of these), or the name of a class.
"""

from __future__ import annotations

from conductor.clarisse.headless import values

SCRIPTED, ITEMS, ATTRIBUTES = "Scripted classes", "Items", "Attributes"
CLASSES, FACTORY, ARRAYS = "Classes", "Factory", "Arrays"
APPLICATION, PREFERENCES, FUNCTIONS = "Application", "Preferences", "Functions of ix"
COMMANDS, WINDOWS, VARIABLES = "Commands", "Windows", "Variables"

DOCUMENTED: dict[str, tuple[str, str]] = {
    "ModuleScriptedClass": (SCRIPTED, """
        register_scripted_class(Application, text, ModuleScriptedClassEngine, text?, bool?)
        """),
    "ModuleScriptedClassEngine": (SCRIPTED, """
        __init__() declare_attributes(OfClass) on_action(OfAction, OfObject, any)
        on_attribute_change(OfObject, OfAttr, int, int) create_instance_data(OfObject)
        is_shared() share() add_action(OfClass, text, text?)
        """),
    "OfAction": (SCRIPTED, "get_name()"),
    "OfItem": (ITEMS, """
        get_name() get_full_name() get_contextual_name() get_class_name() get_type()
        is_kindof(text) is_context() is_object() to_context() to_object() get_context()
        get_parent_item() is_local() is_remote() is_reference() is_editable()
        is_content_locked() is_locked() is_disabled() is_enabled() is_private()
        set_private(bool) set_static(bool) set_read_only(bool)
        get_attribute(text) get_attribute(int) attribute_exists(text) get_attribute_count()
        add_attribute(text, int, int?, int?, text?) remove_attribute(text)
        get_external_dependencies(OfItemSet, OfItemSet)
        """),
    "OfContext": (ITEMS, """
        get_level() is_reference() get_context_count() get_context() get_context(int)
        get_object_count() get_item(int)
        get_items(OfItemVector, CoreBitFieldHelper?)
        get_all_items(OfItemVector, CoreBitFieldHelper?)
        get_all_objects(OfObjectArray, CoreBitFieldHelper, bool)
        get_all_objects(text, OfObjectArray)
        get_all_objects(texts, OfObjectArray, CoreBitFieldHelper)
        get_objects(text, OfObjectArray) resolve_all_contexts(OfContextSet)
        add_context(text) add_object(text, text) add_instance(item) item_exists(text)
        """),
    "OfObject": (ITEMS, """
        get_module() get_class() gather_branch(OfObjectSet) get_factory() get_application()
        make_local() remove_embedded_object(text)
        """),
    "PyOfObject": (ITEMS, ""),
    "OfAttr": (ATTRIBUTES, """
        get_name() get_full_name() get_parent_object() get_type() get_container()
        get_visual_hint() is_single() is_array() is_list() is_numeric_type()
        get_bool(int?) get_long(int?) get_double(int?) get_string(int?) get_object(int?)
        get_raw_string(int?) get_values(any) get_raw_values(any)
        get_value_count() set_value_count(int)
        set_bool(bool, int?) set_long(int, int?) set_double(float, int?) set_string(text, int?)
        set_object(item, int?)
        add_bool(bool) add_long(int) add_double(float) add_string(text) add_object(item)
        remove_all() get_texture() is_textured()
        is_hidden() set_hidden(bool) is_private() set_private(bool) is_locked() is_editable()
        set_read_only(bool) is_local()
        add_preset(text, text, text?) remove_preset(text) remove_preset(int)
        remove_all_presets() has_preset() get_preset_count() get_preset_label(int)
        get_preset_value(int) get_preset_value(text) get_preset_index(text)
        set_preset_label(int, text) set_preset_value(int, text) set_preset_value(text, text)
        apply_preset(int) apply_preset(text) get_applied_preset_index()
        get_applied_preset_label() get_preset_icon(int) get_preset_hints(any)
        is_expression_enabled() is_expression_activated() get_expression()
        set_expression(text) activate_expression(bool)
        get_serialized_value_count() get_serialized_object(int) get_event_info()
        set_numeric_range(float, float) set_numeric_range_min(float) enable_range(bool)
        get_numeric_range_min() set_numeric_ui_range(float, float) enable_ui_range(bool)
        set_slider(bool) set_texturable(bool) set_animatable(bool) set_texture_filters(texts)
        set_object_filters(texts) set_dg_active(bool)
        get_path_attrs() get_type_name(int) get_visual_hint_name(int)
        """),
    "OfVar": (VARIABLES, ""),
    "OfClass": (CLASSES, """
        get_name() add_attribute(text, int, int?, int?, text?) set_attr_doc(text, text)
        get_attribute(text) get_attribute(int) get_attribute_count() attribute_exists(text)
        add_output(any*) set_callbacks(any*)
        """),
    "OfClassCollection": (CLASSES, """
        get(text) exists(text) get_classes() add(any*) add_from_cid(text)
        """),
    "OfObjectFactory": (FACTORY, """
        get_root() get_all_objects(text, OfObjectArray) get_objects(text, OfObjectArray)
        get_objects(OfObjectArray) get_object(text) object_exists(text) context_exists(text)
        find_attribute(text) add_generic_object(text) remove_item(text) get_classes()
        get_vars() get_time() get_enum(text) get_items_outputs(OfItemArray, OfItemVector, bool)
        """),
    "OfTime": (FACTORY, "get_current_frame() set_current_frame(float) get_fps() set_fps(float)"),
    "OfVars": (VARIABLES, """
        get(text) add(int, text, int, int?, int?) remove(text) get_count(int)
        get_by_index(int, int)
        """),
    "Application": (APPLICATION, """
        get_version() get_version_name() get_current_project_filename()
        set_current_project_filename(text) load_project(text) save_project(text, bool?)
        save_project_snapshot(text) export_render_archive(text)
        export_context_as_project(text, OfContext) is_project_modified()
        get_project_extension_name() message_box(text, text, AppDialog?, int?)
        inspect(item, AppDialog?, int?, text?) check_for_events() wait_for_events() is_evaluating()
        get_event_window() get_top_window() disable() enable() get_prefs(int?)
        get_selection() get_current_context() get_working_context()
        get_current_frame_range() get_max_thread_count() create_progress_bar(text)
        select_next_outputs(any*) get_matching_objects(any*)
        get_use_ocio_config_file() get_ocio_config_file() get_cdl_library_file()
        get_color_space_mapping_config_file() get_command_manager() get_main_menu()
        get_shelf() get_type() get_factory() log_info(text) log_warning(text) log_error(text)
        scan_modules(CoreStringVector)
        """),
    "CommandManager": (APPLICATION, """
        enable_history() disable_history() begin_batch(text) end_batch() undo()
        echo_command(any*)
        """),
    "AppMainMenu": (APPLICATION, "get_item(text) add_command(text, any) remove_command(text)"),
    "AppMenuItem": (APPLICATION, ""),
    "AppShelf": (APPLICATION, "add_item(text, text, text, text, text, text)"),
    "OfEnum": (FACTORY, "get_value_count() get_label(int)"),
    "AppSelection": (APPLICATION, ""),
    "AppPreferences": (PREFERENCES, """
        get_bool_value(text, text) get_long_value(text, text) get_double_value(text, text)
        get_string_value(text, text) set_bool_value(text, text, bool)
        set_long_value(text, text, int) set_double_value(text, text, float)
        set_string_value(text, text, text) set_preset_value(any*)
        add_string(text, text, text) add_long(text, text, int) add_bool(text, text, bool)
        get_item(text, text) item_exists(text, text)
        """),
    "AppDialog": (WINDOWS, "is_ok() is_yes() is_no() is_cancelled() ok() yes() no() cancel()"),
    "EventObject": (WINDOWS, "__init__() connect(GuiWidget, text, any) disconnect_all()"),
    "GuiWidget": (WINDOWS, """
        __init__(any, int, int, int, int) get_x() get_y() get_width() get_height()
        set_position(int, int) resize(int, int, int, int) set_constraints(int, int, int, int)
        set_enable(bool) enable() disable() show() hide() destroy() get_parent() get_window()
        set_tooltip(text) set_text_color(GMathVec3uc) get_child_items() get_children()
        open_files(Application, text, text, text) open_file(Application, text, text, text?)
        open_folder(Application, text, text) save_file(Application, text, text, text)
        """),
    "GuiWindow": (WINDOWS, """
        __init__(any, int, int, int, int, text?) show_modal() is_shown() set_title(text)
        get_title() set_resizable(bool) get_mouse_cursor() set_mouse_cursor(int)
        """),
    "GuiPanel": (WINDOWS, """
        set_scroll_enabled(bool) set_virtual_size(int, int) set_top_toolbar_visible(bool)
        set_bottom_toolbar_visible(bool)
        """),
    "GuiPushButton": (WINDOWS, "__init__(any, int, int, int, int, text) set_label(text)"),
    "GuiLineEdit": (WINDOWS, """
        __init__(any, int, int, int, int, text?) get_text() set_text(text)
        """),
    "GuiTextEdit": (WINDOWS, "set_text(text) set_read_only(bool) set_font_size(int)"),
    "GuiCheckbox": (WINDOWS, "__init__(any, int, int, text) get_value() set_value(bool)"),
    "GuiLabel": (WINDOWS, "__init__(any, int, int, int, int, text) set_justification(int)"),
    "GuiNumberField": (WINDOWS, """
        __init__(any, int, int, int, text) get_value() set_value(float)
        set_slider_range(float, float) enable_slider_range(bool) set_increment(float)
        """),
    "GuiListButton": (WINDOWS, """
        add_item(text) add_separator() get_selected_item_name() get_selected_item_index()
        set_selected_item_by_index(int)
        """),
    "GuiListView": (WINDOWS, """
        add_item(text) remove_item(int) get_item_count() get_item_name(int)
        get_selected_index() set_mouse_over_selection(bool)
        """),
    "GuiTree": (WINDOWS, """
        get_root() set_border_style(int) set_shaded_entries(bool) enable_multi_selection(bool)
        enable_item_delete(bool) destroy_selected_items() refresh()
        """),
    "GuiTreeItemBasic": (WINDOWS, """
        __init__(GuiTreeItemBasic, text) get_name() is_selected() set_is_selected(bool)
        set_is_dirty(bool) set_expandable(bool) expand() remove_children()
        """),
    "GuiMessageBox": (WINDOWS, """
        __init__(Application, int, int, text, text) set_style(int) resize(int, int, int, int)
        show() get_value() destroy()
        """),
    "GuiProgressBar": (WINDOWS, "set_step_count(int)"),
    "ix.api": (FUNCTIONS, """
        IOHelpers() ModuleProcessScript() ModuleProcessScriptEngine() ApplicationHelper()
        AbcExportOptions() ModuleScriptedClassEngineData() ImageHandle()
        """),
    "ix": (FUNCTIONS, """
        get_item(text) item_exists(text) is_context_exists(text) make_absolute_of_path(text)
        create_context(text) create_object(text, text, OfContext?) create_generic_object(text)
        add_attribute(item, text, text, text?) delete_item(text) delete_item(item)
        get_current_context()
        set_current_context(text) get_current_frame() set_current_frame(float)
        load_project(text) save_project(text) import_project(text) import_scene(any*)
        import_geometry(any*) import_geometries(any*) import_image(any*) import_images(any*)
        import_map_file(any*) import_map_files(any*) import_volume(any*) import_volumes(any*)
        reference_file(path, text) reference_files(path, texts) reference_make_local(path)
        reference_export_context(path, text) export_context_as_project(OfContext, text)
        export_context_as_project_with_dependencies(OfContext, text) export_geometry(any*)
        export_geometries(any*) export_render_archive(text) render_image(any*) save_image(any*)
        save_exr16(any*) save_exr32(any*) save_jpg(any*) save_bmp(any*) save_tga(any*)
        save_png8(any*) save_png16(any*) save_tif8(any*) save_tif16(any*) save_tif32(any*)
        log_info(any) log_warning(any) log_error(any) is_gui_application()
        is_process_application() is_interactive_application() begin_command_batch(text)
        end_command_batch() enable_command_history() disable_command_history()
        enable_echo_command() disable_echo_command() inspect(item) check_need_save()
        """),
    "ix.selection": (FUNCTIONS, """
        get_count() get(int) is_empty() add(text) add(item) select(text) select(item)
        select(any) deselect_all() select_all() get_objects() get_contexts()
        """),
    "ix.cmds": (COMMANDS, """
        CreateObject(text, text) CreateObject(text, text, path)
        CreateObject(text, text, text, path) CreateContext(text) CreateContext(text, path)
        CreateContext(text, text, path) CreateCustomContext(text, text, path)
        CreateCustomContext(text, text, text, path) DeleteItem(path) DeleteItems(paths)
        DeleteSelection() TrashItems(paths) RenameItem(path, text) CopyItemTo(path, path)
        CopyItemsTo(paths, path) MoveItemTo(path, path) MoveItemsTo(paths, path)
        GroupItems(paths, path) CombineItems(paths, path) CombineItems(paths, path, path)
        Instantiate(paths) CreateInstanceTo(path, path) CreateInstancesTo(paths, path)
        MakeInstance(paths, path) MakeLocal(paths) MakeLocal(paths, bool)
        DisableItems(paths, bool) LockItem(path) LockItems(paths) UnlockItem(path)
        UnlockItems(paths) CommentItem(path, text) CommentItems(paths, text)
        ColorTagItems(paths, text) SetValue(path, texts) SetValues(paths, texts)
        AddValue(path, text) AddValues(paths, texts) RemoveValue(paths, ints)
        RemoveAllValues(paths) MoveValue(path, int, int) PermuteValues(paths, ints)
        SetValueCount(paths, ints) ResetAttributes(paths) RevertAttributes(paths)
        LockAttributes(paths, bool) LocalizeAttributes(paths, bool)
        DisableAttributes(paths, bool) MuteLocalValueAttributes(paths, bool)
        CreateCustomAttribute(paths, text, int, texts, texts)
        CreateCustomAttribute(paths, text, int, int, int, text)
        EditCustomAttribute(paths, text, int, texts, texts)
        EditCustomAttribute(paths, text, int, int, int, text) RemoveCustomAttribute(paths)
        SetExpression(paths, texts) ActivateExpression(paths, ints) SetKey(any*) SetCurve(any*)
        RemoveFCurve(paths) BakeFCurve(paths, float) SetCurrentFrame(float)
        SetCurrentFrameRange(float, float) SetFps(float) SetTexture(paths, path)
        SetOutputBinding(paths, text) CreateFileReference(path, texts)
        AddReferenceFilename(paths, texts) SetReferenceFilename(paths, text)
        SetReferenceFilenames(paths, ints, texts) RemoveReferenceFilename(paths, ints)
        PermuteReferenceFilename(any*) ExportContextAsReference(path, text)
        ExportContextAsReference(path, text, bool) MakeLocalContext(path)
        MakeLocalContexts(paths) ClearContextOverrides(path) CleanupContextOverrides(path)
        CreateOverrideSet(path) ConvertToUsdReference(paths) ImportProject(texts)
        ImportProject(texts, bool) MergeProject(texts) AddLayer(path, text)
        DeleteLayer(path, ints) DuplicateLayer(path, ints) SetUsdBundleFilename(any*)
        RemoveUsdBundleFilename(any*) CreateCAMAttribute(any*) EditCAMAttribute(any*)
        EditCAMRule(any*) DisableCAM(any*) RemoveCAMAttribute(any*)
        """),
}

CONSTANTS: dict[str, tuple[str, ...]] = {
    "OfAttr": (
        *("TYPE_" + name for name in values.TYPE_NAMES),
        *("VISUAL_HINT_" + name for name in values.HINT_NAMES),
        "CONTAINER_SINGLE", "CONTAINER_ARRAY", "CONTAINER_LIST",
    ),
    "OfAttrEvent": ("TYPE_PROPAGATE",),
    "OfVars": ("TYPE_BUILTIN", "TYPE_CUSTOM", "TYPE_SYSTEM"),
    "AppBase": ("TYPE_GUI", "TYPE_PROCESS", "TYPE_INTERACTIVE"),
    "AppPreferences": ("MODE_APPLICATION",),
    "AppDialog": ("STYLE_OK", "STYLE_OK_CANCEL", "STYLE_YES_NO", "STYLE_YES_NO_CANCEL"),
    "Gui": ("MOUSE_CURSOR_WAIT", "MOUSE_CURSOR_DEFAULT"),
    "GuiWidget": (
        "CONSTRAINT_LEFT", "CONSTRAINT_TOP", "CONSTRAINT_RIGHT", "CONSTRAINT_BOTTOM",
        "CONSTRAINT_COUNT", "JUSTIFY_CENTER",
    ),
    "GuiTree": ("BORDER_STYLE_FLAT",),
}
"""Constants of the classes of ``ix.api``."""

PLAIN_CLASSES = (
    "OfObjectArray", "OfItemArray", "OfObjectVector", "OfItemVector", "OfContextVector",
    "OfObjectSet", "OfItemSet", "OfContextSet", "CoreString", "CoreStringArray",
    "CoreStringVector", "CoreStringBasicArray", "CoreBitFieldHelper", "GMathVec3uc", "GMathVec3d",
    "OfAttrEvent",
)
"""Classes of ``ix.api`` that only hold something, with what all of them can do below."""

CONTAINER_CALLS = ("get_count", "get_item", "set_item", "add")
